import Foundation
import ParleyTesting

extension FuzzTarget {
    struct Case: Sendable, CustomStringConvertible {
        let description: String
        let bytes: [UInt8]
    }

    private static let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    /// What was found once: every file in `Cases/<target>/`.
    func cases() -> [Case] {
        let folder = Self.here.appending(path: "Cases/\(self.name)")
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        return files.sorted { $0.path < $1.path }.compactMap { file in
            (try? Data(contentsOf: file)).map { Case(description: file.lastPathComponent, bytes: Array($0)) }
        }
    }

    /// The requests of the dialect's exchange files, each file as one input.
    static func exchanges(of dialect: String) -> [[UInt8]] {
        Exchange.all(in: self.here.deletingLastPathComponent().appending(path: "Parley\(dialect)Tests/Exchanges"))
            .map { exchange in
                let requests = exchange.steps.compactMap { step -> String? in
                    guard case .pair(let request, _, _) = step else { return nil }
                    let headers = request.headers.map { "\($0.0): \($0.1)\n" }.joined()
                    return "\(request.method) \(request.target)\n\(headers)\n\(Exchange.withoutComments(request.body))"
                }
                return Array(requests.joined(separator: RequestText.separator).utf8)
            }
    }
}

/// Words that stand in inputs, for a fuzzer that knows no grammar.
enum Words {
    static func of(_ bytes: [UInt8]) -> [String] {
        bytes.split { !self.isOfWord($0) }.filter { (3...32).contains($0.count) }
            .map { String(decoding: $0, as: UTF8.self) }
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
