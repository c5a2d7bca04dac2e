import NIOHTTP1
import ParleyDialectKit

/// Browsers call this API with users' tokens: every answer, errors included, may be read by any page. Source: facts/easemob-client.md 1.5.
enum CrossOrigin {
    static func allow(_ response: WireResponse) -> WireResponse {
        var response = response
        response.headers.replaceOrAdd(name: "Access-Control-Allow-Origin", value: "*")
        return response
    }

    static let preflight = WireResponse(
        headers: [
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, OPTIONS",
            "Access-Control-Allow-Headers":
                "Authorization, Content-Type, Accept, X-Requested-With, restrict-access, share-secret, thumbnail, "
                + "thumbnail-height, thumbnail-width",
            "Access-Control-Max-Age": "86400",
        ],
        body: [])
}
