import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// No, in the vendor's words. Clients read the status, `error` and `error_description`; message sending adds `error_code`.
struct Refusal: Error, Hashable, Sendable {
    var status: HTTPResponseStatus
    var error: String
    var exception: String
    var description: String
    var code: Int?
    /// The methods that the path has, on 405.
    var allow: [String] = []
    var retryAfterSeconds: Int?

    init(
        _ status: HTTPResponseStatus, _ error: String, _ description: String, exception: String, code: Int? = nil
    ) {
        self.status = status
        self.error = error
        self.description = description
        self.exception = exception
        self.code = code
    }

    func response(receivedAt: Timestamp, now: Timestamp) -> WireResponse {
        var headers = HTTPHeaders()
        if !self.allow.isEmpty { headers.add(name: "Allow", value: self.allow.joined(separator: ", ")) }
        if let seconds = self.retryAfterSeconds { headers.add(name: "Retry-After", value: String(seconds)) }
        let body = JSONWriter.object { json in
            json.field("error", self.error)
            json.field("exception", self.exception)
            json.field("timestamp", now.milliseconds)
            json.field("duration", max(0, now.milliseconds - receivedAt.milliseconds))
            if let code = self.code { json.field("error_code", code) }
            json.field("error_description", self.description)
        }
        return WireResponse(
            status: self.status, headers: headers, contentType: "application/json;charset=UTF-8", body: body)
    }
}

/// The vendor gives one refusal several codes, by what was called.
enum Area: Hashable, Sendable {
    case general, tokens, users, push, groups, rooms, messages, recall, rewrite, roaming, conversations, files,
        contacts, metadata, reactions, threads, broadcast
}

// MARK: What the core refuses

extension Refusal {
    /// No `default`: a new rejection does not compile until it has words here.
    init(_ rejection: Rejection, in area: Area) {
        self =
            switch (rejection, area) {
            case (.userNotFound, .tokens):
                Refusal(.notFound, "invalid_grant", "user not found", exception: .securityException)
            case (.userNotFound(let user), .groups), (.userNotFound(let user), .rooms):
                .resourceNotFound("username \(user) doesn't exist!")
            case (.userNotFound, .push): .pushUserNotFound
            case (.userNotFound, .threads): .group(.notFound, "user not in group.")
            case (.userNotFound, _): .serviceResourceNotFound
            case (.userExists(let user), _):
                Refusal(
                    .badRequest, "duplicate_unique_property_exists",
                    "Entity user requires that property named username be unique, value of \(user) exists",
                    exception: "org.apache.usergrid.persistence.exceptions.DuplicateUniquePropertyExistsException")
            case (.userInactive, .tokens):
                Refusal(.badRequest, "invalid_grant", "user not activated", exception: .securityException)
            case (.userInactive, _): .forbiddenService

            case (.groupNotFound, .threads): .group(.notFound, "thread not found.")
            case (.groupNotFound, .reactions): .reaction("the user operation is illegal!")
            case (.groupNotFound(let group), _): .resourceNotFound("grpID \(group.easemob) does not exist!")
            case (.groupExists, .threads): .group(.forbidden, "msg already create thread.not allow to create.")
            case (.groupExists(let group, _), _): .illegalArgument("group ID \(group.easemob) already exists!")
            // SDKs look for these words.
            case (.groupFull, .rooms): .exceedsLimit("group member list is full!")
            case (.groupFull, _): .exceedsLimit("members size is greater than max user size !")
            case (.notMember(let user, _), .rooms): .notInRoom(user)
            case (.notMember, .threads): .group(.notFound, "user not in group.")
            case (.notMember, .reactions): .reaction("the user operation is illegal!")
            case (.notMember(let user, _), _): .forbiddenOperation("users [\(user)] are not members of this group!")
            case (.alreadyMember(let user, let group), _):
                .forbiddenOperation(
                    "can not join this group, reason:user: \(user) already in group: \(group.easemob)\n")
            case (.keptOut(let user, let group), _): .keptOut(user, of: group)
            case (.notSupported, .threads): .group(.badRequest, "thread not nested.")
            case (.notSupported, .reactions): .reaction("the user operation is illegal!")
            case (.notSupported, _): .forbiddenOperation("operation not supported by this type of group")
            case (.notPermitted, .rewrite): .rewrite(.unauthorized, "You are not authorized to edit this message.")
            case (.notPermitted, .recall): .recall(.forbidden, "not_found msg")
            // To SDKs this is "no permission".
            case (.notPermitted, .groups), (.notPermitted, .rooms), (.notPermitted, .threads): .unauthenticated
            case (.notPermitted, .reactions): .reaction("the user operation is illegal!")
            case (.notPermitted, _): .forbiddenOperation("permission denied")
            case (.ownerMayNotLeave, _): .forbiddenOperation("forbidden operation on group owner!")
            case (.contactsFull, _): .exceedsLimit("user contact number exceed limit")
            case (.pinsFull(let limit), _): .exceedsLimit("pinned messages exceed limit : \(limit)")
            case (.reactionExists, _): .reaction("the user is already operation this message")
            case (.reactionsFull, _): .reaction("The quantity has exceeded the limit!")
            case (.threadsFull, _): .group(.forbidden, "thread number has reached limit.")
            case (.threadMembershipsFull, _): .group(.forbidden, "user join thread reach limit.")

            case (.senderMuted, _): .message(.forbidden, "user is muted")
            case (.groupMuted, _): .message(.forbidden, "group is muted")
            case (.groupDisabled, _): .message(.forbidden, "group is disabled")
            case (.senderNotMember(let user, _), _):
                .forbiddenOperation("users [\(user)] are not members of this group!")
            case (.blockedByRecipient(let user), .contacts): .forbiddenOperation("blocked by user \(user)")
            case (.blockedByRecipient, _): .message(.forbidden, "blocked by recipient")
            case (.tooFrequent, .messages): .messageRate
            case (.tooFrequent, _): .reachedLimit
            case (.refusedByCallback(_, let reason), _): .message(.forbidden, reason ?? "custom logic denied")
            case (.callbackFailed, _): .message(.forbidden, "custom internal error")

            case (.messageNotFound, .rewrite), (.alreadyRecalled, .rewrite):
                .rewrite(.notFound, "The message is unavailable or has expired.")
            case (.messageNotFound, .users): .serviceResourceNotFound
            case (.messageNotFound, .threads): .group(.notFound, "msg not exist.")
            case (.messageNotFound, .reactions): .forbiddenOperation("message does not exist!")
            case (.messageNotFound, .groups), (.messageNotFound, .conversations):
                .resourceNotFound("message does not exist!")
            case (.messageNotFound, _): .recall(.forbidden, "not_found msg")
            case (.alreadyRecalled, _): .recall(.forbidden, "not_found msg")
            case (.recallWindowPassed, _): .recall(.forbidden, "exceed recall time limit")
            case (.notRecallable, _): .recall(.forbidden, "not_found msg")
            case (.notEditable, _):
                .rewrite(
                    .badRequest, "The message is of a type that is currently not supported for modification.")
            case (.editLimitReached, _):
                .rewrite(.forbidden, "The message has reached its edit limit and cannot be modified further.")
            // The vendor has no expansions.
            case (.expansionFull, _): .forbiddenOperation("the message's expansion is full")
            // The server API does not ask about receipts.
            case (.noReceipts, _): .forbiddenOperation("the message did not ask for read receipts")

            case (.fileNotFound, _):
                Refusal(.notFound, "entity_not_found", "file may not exists", exception: "FileNotFoundException")
            case (.fileExpired, _):
                Refusal(.notFound, "file_expired", "file is expired", exception: "FileExpiredException")
            case (.fileSecretWrong, _):
                Refusal(.forbidden, "forbidden_op", "share-secret is missing or wrong", exception: .forbiddenException)
            case (.fileTooLarge, _): .fileTooLarge
            case (.fileUnreadable, _): .illegalArgument("file must be provided.")

            case (.overloaded, _): .overloaded
            }
    }
}

// MARK: What cannot be read

extension Refusal {
    init(_ malformed: Malformed, in area: Area) {
        let field = malformed.field
        self =
            switch (malformed.reason, area) {
            case (.unreadable, .threads), (.invalid, .threads), (.missing, .threads), (.notAllowed, .threads):
                Refusal(
                    .badRequest, "param_illegal", "Failed to read HTTP message", exception: "ParamIllegalException")
            case (.tooLong, .threads): .group(.badRequest, "thread name limit reached.")
            case (.tooMany, .threads): .group(.badRequest, "request body reaches limit.")
            case (.unreadable, _): .invalidBody
            case (.invalid, .messages) where field == "ext": .message("param ext must be JSONObject", code: 14006)
            case (.invalid, .broadcast) where field == "ext": .illegalArgument("ext must be JSONObject")
            case (.invalid, .broadcast): .invalidBody
            case (.invalid, .messages), (.invalid, .recall), (.invalid, .rewrite), (.invalid, .general): .invalidBody
            case (.invalid, .push), (.missing, .push), (.tooLong, .push):
                .illegalArgument("parameters is invalid : \(field)")
            case (.invalid, .roaming): .roaming("\(field) is illegal")
            case (.invalid, _): .illegalArgument("\(field) is illegal")
            case (.missing, .messages): .message("param \(field) can't be empty", code: Self.codes[field])
            case (.missing, .broadcast): .illegalArgument("\(field) can't be empty")
            case (.missing, .recall): .recall(.badRequest, "param \(field) can't be empty")
            case (.missing, .rewrite): .illegalArgument("\(field) is required")
            case (.missing, .conversations): .illegalArgument("field \(field) cannot be null or empty")
            case (.missing, .roaming): .roaming("\(field) is missing")
            case (.missing, .groups), (.missing, .rooms): .invalidParameter("\(field) must be provided")
            case (.missing, .users): .illegalArgument("\(field) is required")
            case (.missing, _): .illegalArgument("\(field) must be provided.")
            case (.tooLong, .messages), (.tooLong, .broadcast), (.tooLong, .rewrite):
                .message("message is too large", code: 14007)
            case (.tooLong, _): .invalidParameter("\(field) length is too big")
            case (.tooMany(let limit), .messages):
                .message(
                    "params \(field)'s size can't exceed limit \(limit)", code: field == "to" ? 14003 : nil)
            case (.tooMany(let limit), .roaming):
                Refusal(
                    .badRequest, "param exception", "delete msg list limit can not greater than \(limit)",
                    exception: "ParamException")
            case (.tooMany(let limit), _): .invalidParameter("\(field) size is more than max limit : \(limit)")
            case (.notAllowed(let other), _): .illegalArgument("\(field) is not allowed with \(other)")
            }
    }

    /// `error_code` of "param … can't be empty". 14001, 14002, 14005 and 14007 are documented, the others inferred (facts 2.1).
    private static let codes = ["from": 14001, "to": 14002, "type": 14004, "body": 14005]
}

// MARK: What could not be received

extension Refusal {
    init(_ fault: TransportFault, isUpload: Bool, isMessage: Bool) {
        self =
            switch fault {
            case .bodyTooLarge where isUpload: .fileTooLarge
            case .bodyTooLarge where isMessage: .message("message is too large", code: 14007)
            case .bodyTooLarge:
                Refusal(
                    .payloadTooLarge, "request_entity_too_large", "Request body is too large.",
                    exception: "RequestEntityTooLargeException")
            case .timedOut:
                Refusal(.requestTimeout, "request_timeout", "Request timed out.", exception: "RequestTimeoutException")
            case .unreadable:
                Refusal(.badRequest, "bad_request", "Request is invalid.", exception: "BadRequestException")
            case .overloaded: .overloaded
            }
    }
}

// MARK: The vendor's words

extension String {
    fileprivate static let securityException = "org.apache.usergrid.rest.exceptions.SecurityException"
    fileprivate static let illegalArgumentException = "java.lang.IllegalArgumentException"
    fileprivate static let forbiddenException = "EasemobForbiddenOpException"
    fileprivate static let notFoundException =
        "org.apache.usergrid.services.exceptions.ServiceResourceNotFoundException"
}

extension Refusal {
    // Tokens: facts 1.5.
    static let tokenExpired = Refusal(
        .unauthorized, "unauthorized", "Unable to authenticate due to expired access token",
        exception: .securityException)
    static let tokenCorrupt = Refusal(
        .unauthorized, "auth_bad_access_token", "Unable to authenticate due to corrupt access token",
        exception: .securityException)
    static let tokenForeign = Refusal(
        .unauthorized, "auth_bad_access_token", "Unable to authenticate", exception: .securityException)
    static let unauthenticated = Refusal(
        .unauthorized, "unauthorized", "Unable to authenticate (OAuth)", exception: .securityException)

    static func invalidGrant(_ description: String) -> Refusal {
        Refusal(.badRequest, "invalid_grant", description, exception: .securityException)
    }

    static func unauthorized(_ description: String) -> Refusal {
        Refusal(.unauthorized, "unauthorized", description, exception: .securityException)
    }

    static let registrationNeedsToken = Refusal.unauthorized(
        "Open registration doesn't allow, so register user need token")

    // What was called.
    static func applicationNotFound(_ target: Target) -> Refusal {
        let name = "\(target.organization)/\(target.applicationName)"
        return Refusal(
            .notFound, "organization_application_not_found",
            "Could not find application for \(name) from URI: \(name)\(target.path)",
            exception: "org.apache.usergrid.rest.exceptions.OrganizationApplicationNotFoundException")
    }

    static let serviceResourceNotFound = Refusal(
        .notFound, "service_resource_not_found", "Service resource not found", exception: .notFoundException)

    static func serviceResourceNotFound(_ description: String) -> Refusal {
        Refusal(.notFound, "service_resource_not_found", description, exception: .notFoundException)
    }

    static let userNotFoundForDevices = Refusal(
        .notFound, "service_resource_not_found", "Service resource not found", exception: "UserNotFoundException")

    static func methodNotAllowed(_ methods: [String]) -> Refusal {
        var refusal = Refusal(
            .methodNotAllowed, "method_not_allowed", "Request method is not supported.",
            exception: "HttpRequestMethodNotSupportedException")
        refusal.allow = methods
        return refusal
    }

    static let reachedLimit = Refusal(
        .tooManyRequests, "reach_limit", "This request has reached api limit", exception: "ReachLimitException")

    // Parameters.
    static let invalidBody = Refusal(
        .badRequest, "invalid_request_body", "Request body is invalid. Please check body is correct.",
        exception: "InvalidRequestBodyException")

    static func illegalArgument(_ description: String) -> Refusal {
        Refusal(.badRequest, "illegal_argument", description, exception: .illegalArgumentException)
    }

    static func invalidParameter(_ description: String) -> Refusal {
        Refusal(.badRequest, "invalid_parameter", description, exception: "InvalidParameterException")
    }

    // Rules.
    static func forbiddenOperation(_ description: String) -> Refusal {
        Refusal(.forbidden, "forbidden_op", description, exception: .forbiddenException)
    }

    /// In chat rooms it is another status than in groups.
    static func notInRoom(_ user: UserID) -> Refusal {
        Refusal(
            .badRequest, "forbidden_op", "users [\(user)] are not members of this group!",
            exception: .forbiddenException)
    }

    /// SDKs look for "is in the blacklist".
    static func keptOut(_ user: UserID, of group: GroupID) -> Refusal {
        .forbiddenOperation(
            "can not join this group, reason:user: \(user) is in the blacklist of group: \(group.easemob)")
    }

    static let forbiddenService = Refusal(
        .forbidden, "forbidden_service_operation", "Service operation not allowed", exception: .forbiddenException)

    static func exceedsLimit(_ description: String) -> Refusal {
        Refusal(.forbidden, "exceed_limit", description, exception: "ExceedLimitException")
    }

    static func resourceNotFound(_ description: String) -> Refusal {
        Refusal(.notFound, "resource_not_found", description, exception: "ResourceNotFoundException")
    }

    static let passwordUserNotFound = Refusal(
        .notFound, "entity_not_found", "User null not found",
        exception: "org.apache.usergrid.management.exceptions.EntityNotFoundException")

    // Users' attributes.
    static let metadataUnauthorized = Refusal(
        .unauthorized, "metadata_error", "auth error", exception: "MetadataException")

    static func metadataTooLarge(than limit: String, _ bytes: Int) -> Refusal {
        Refusal(
            .forbidden, "FORBIDDEN", "size of metadata for this single user exceeds \(limit), \(bytes)Bytes",
            exception: .forbiddenException)
    }

    static func metadataBatchTooLarge(_ limit: Int) -> Refusal {
        Refusal(
            .badRequest, "BAD_REQUEST", "exceed allowed batch size \(limit)", exception: "BadRequestException")
    }

    // Pushes.
    static let pushUserNotFound = Refusal(
        .badRequest, "required_property_not_found", "Entity user requires a property named username",
        exception: "org.apache.usergrid.persistence.exceptions.RequiredPropertyNotFoundException")

    static let pushURLInvalid = Refusal(
        .notFound, "service_resource_not_found", "url is invalid", exception: .notFoundException)

    static func templateNotFound(_ name: String) -> Refusal {
        Refusal(
            .badRequest, "entity_not_found", "\(name) template is not exist",
            exception: "org.apache.usergrid.persistence.exceptions.EntityNotFoundException")
    }

    // Messages.
    static func message(_ description: String, code: Int? = nil) -> Refusal {
        Refusal(.badRequest, "message_send_error", description, exception: "MessageSendException", code: code)
    }

    static func message(_ status: HTTPResponseStatus, _ description: String) -> Refusal {
        Refusal(status, "message_send_error", description, exception: "MessageSendException")
    }

    static let messageRate = Refusal.message(.forbidden, "message send reach limit")

    static func recall(_ status: HTTPResponseStatus, _ description: String) -> Refusal {
        Refusal(status, "message_recall_error", description, exception: "MessageRecallException")
    }

    static func rewrite(_ status: HTTPResponseStatus, _ description: String) -> Refusal {
        Refusal(status, "message_rewrite_error", description, exception: "MessageRewriteException")
    }

    static let messageIDNotNumber = Refusal(
        .badRequest, "InvalidMessageIdException", "The provided message ID is not a valid number.",
        exception: "InvalidMessageIdException")

    static func roaming(_ description: String) -> Refusal {
        Refusal(.badRequest, "Bad Request", description, exception: "BadRequestException")
    }

    // Reactions and threads: facts 3.7, 3.9.
    static func reaction(_ description: String) -> Refusal {
        Refusal(.badRequest, "Bad Request", description, exception: "BadRequestException")
    }

    static func group(_ status: HTTPResponseStatus, _ description: String) -> Refusal {
        Refusal(status, "group_error", description, exception: "GroupException")
    }

    // Files.
    static let fileTooLarge = Refusal(
        .payloadTooLarge, "file exceeding maximum limit", "the file size exceeds the maximum limit.",
        exception: "FileSizeExceedException")

    static func fileExpired(_ id: String) -> Refusal {
        Refusal(.notFound, "file_expired", "file \(id) is expired", exception: "FileExpiredException")
    }

    // The server's own.
    static let internalError = Refusal(
        .internalServerError, "internal_server_error", "Internal server error", exception: "InternalServerException")

    static var overloaded: Refusal {
        var refusal = Refusal(
            .serviceUnavailable, "service_unavailable", "Service temporarily unavailable",
            exception: "ServiceUnavailableException")
        refusal.retryAfterSeconds = 1
        return refusal
    }
}
