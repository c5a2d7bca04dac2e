package import SwiftProtobuf

/// The messages of easemob.proto. This file is the only one that knows how SwiftProtobuf is asked.
extension SwiftProtobuf.Message {
    /// What a client sent; nil when that is not protobuf, or a string in it is not UTF-8.
    package static func parse(_ bytes: [UInt8]) -> Self? { try? Self(serializedBytes: bytes, partial: true) }

    /// Nothing is required in this protocol, so whatever there is can be written.
    package var wireBytes: [UInt8] {
        guard let bytes: [UInt8] = try? self.serializedBytes(partial: true) else {
            preconditionFailure("\(Self.self) is beyond 2 GB")
        }
        return bytes
    }
}

// For people, who look at it.
extension SwiftProtobuf.Message {
    /// Names as in easemob.proto; bytes in base64.
    var shownJSON: [UInt8]? {
        var options = JSONEncodingOptions()
        options.preserveProtoFieldNames = true
        return try? self.jsonUTF8Bytes(options: options)
    }
}
