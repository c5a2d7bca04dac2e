import ParleyJSON

/// OAuth 2.0, `grant_type=client_credentials`, as Huawei and Honor have it.
enum ClientCredentials {
    /// - Parameter secret: nil: any will do.
    /// - Parameter answer: the provider's, with what is wrong.
    /// - Returns: the client's id.
    static func read(
        _ request: SimulatorRequest, secret: String?, _ answer: (String) -> SimulatorAnswer
    ) throws(Refusal) -> String {
        func refusal(_ fault: String) -> Refusal { Refusal(answer(fault), fault, .unauthorized) }
        guard request.method == "POST", request.mediaType == "application/x-www-form-urlencoded" else {
            throw refusal("a form has to be posted")
        }
        let form = FormFields(request.body)
        guard form["grant_type"] == "client_credentials" else { throw refusal("invalid grant_type") }
        guard let client = form["client_id"] else { throw refusal("client_id is missing") }
        guard let given = form["client_secret"] else { throw refusal("client_secret is missing") }
        guard secret == nil || secret == given else { throw refusal("invalid client_secret") }
        return client
    }

    static func answer(_ token: String, seconds: Int64) -> SimulatorAnswer {
        .json(200, code: "") { json in
            json.field("access_token", token)
            json.field("expires_in", seconds)
            json.field("token_type", "Bearer")
        }
    }
}
