import Foundation
package import SwiftProtobuf

/// A protobuf message of RongCloud's clients: `WireUpStreamMessage` and the others of rongcloud.proto. This file is the
/// only one that knows how SwiftProtobuf is asked.
package typealias ProtobufMessage = SwiftProtobuf.Message

extension SwiftProtobuf.Message {
    /// One whose fields the closure sets. SwiftProtobuf has the same; this one needs no import of it.
    package static func with(_ fill: (inout Self) throws -> Void) rethrows -> Self {
        var message = Self()
        try fill(&message)
        return message
    }

    /// What a client sent; nil when that is not protobuf, or a string in it is not UTF-8.
    ///
    /// Required fields may be missing: whoever needs one looks for it (`hasSyncTime`, or ``isComplete``) and refuses with
    /// a status, which says more than that nothing could be read.
    package static func parse(_ bytes: [UInt8]) -> Self? {
        try? Self(serializedBytes: bytes, partial: true)
    }

    /// No required field is missing, here or in a message within.
    package var isComplete: Bool { self.isInitialized }

    /// For the wire. Everything required must be set, if only to 0 or "": the SDKs' decoders give up without. That is a
    /// bug where tests run; a server in use sends what there is, since a part of the message may have been a client's.
    package var wireBytes: [UInt8] {
        assert(self.isInitialized, "\(Self.self) lacks a required field")
        return self.partialBytes
    }

    /// Of what a client said, complete or not.
    var partialBytes: [UInt8] {
        guard let bytes: [UInt8] = try? self.serializedBytes(partial: true) else {
            preconditionFailure("\(Self.self) is beyond 2 GB")
        }
        return bytes
    }
}

// JSON as protobuf defines it: with bytes in base64. What comet has is in CometBody.swift.
extension SwiftProtobuf.Message {
    static func parse(json: [UInt8]) -> Self? {
        var options = JSONDecodingOptions()
        options.ignoreUnknownFields = true
        return try? Self(jsonUTF8Bytes: json, options: options)
    }

    /// Names as in rongcloud.proto, 64 bits as numbers, which the SDKs' JavaScript counts with.
    var json: [UInt8]? {
        var options = JSONEncodingOptions()
        options.alwaysPrintInt64sAsNumbers = true
        options.preserveProtoFieldNames = true
        return try? self.jsonUTF8Bytes(options: options)
    }
}

// Bytes without Foundation's Data, for those who do not need Foundation otherwise.

extension WireUpStreamMessage {
    package var contentBytes: [UInt8] {
        get { Array(self.content) }
        set { self.content = .init(newValue) }
    }
}

extension WireUpStreamMessage {
    package var pushWords: String {
        get { ClientText.decode(self.pushText) }
        set { self.pushText = .init(newValue.utf8) }
    }

    package var pushData: String {
        get { ClientText.decode(self.appData) }
        set { self.appData = .init(newValue.utf8) }
    }
}

extension WireDownStreamMessage {
    package var contentBytes: [UInt8] {
        get { Array(self.content) }
        set { self.content = .init(newValue) }
    }
}

extension WireUserSettingItem {
    package var valueBytes: [UInt8] {
        get { Array(self.value) }
        set { self.value = .init(newValue) }
    }
}
