package import NIOHTTP1

/// The answer to a ``WireRequest``, whole.
package struct WireResponse: Sendable {
    package var status: HTTPResponseStatus
    /// Beside `Content-Length` and `Content-Type`, which are written from the fields here.
    package var headers: HTTPHeaders
    package var contentType: String
    package var body: [UInt8]

    package init(
        status: HTTPResponseStatus = .ok, headers: HTTPHeaders = [:],
        contentType: String = "application/json; charset=utf-8", body: [UInt8]
    ) {
        self.status = status
        self.headers = headers
        self.contentType = contentType
        self.body = body
    }
}
