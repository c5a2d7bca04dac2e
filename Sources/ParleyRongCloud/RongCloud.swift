import NIOHTTP1
package import ParleyCore
package import ParleyDialectKit
import ParleyJSON

/// RongCloud's (融云) server API: signed form posts to paths that end in `.json`.
///
/// Source: facts/rongcloud-server.md. A request passes, in this order (section 1.5): route, method, App-Key,
/// signature, rate, parameters, execution; the first that says no words the answer.
package struct RongCloud: Dialect {
    package static let name = DialectName("rongcloud")
    package static let title = "RongCloud"

    private(set) var context: DialectContext
    private let usedSignatures: UsedSignatures

    package static func newCredential(for app: AppID, secret: String) -> Credential {
        Credential(dialect: self.name, key: app.rawValue, secret: secret)
    }

    package init(_ context: DialectContext) {
        self.context = context
        self.usedSignatures = UsedSignatures(startedAt: context.now)
    }

    /// Every endpoint, in the order of the vendor's documentation. A new one is a file in `Server/` and a line here.
    static let routes: [Route] = [
        Route(UserGetToken.self),
        Route(UserRefresh.self),
        Route(UserInfo.self),
        Route(UserTokenExpire.self),
        Route(UserGroupQuery.self),
        Route(UserCheckOnline.self),
        Route(UserBlock.self),
        Route(UserUnblock.self),
        Route(UserBlockQuery.self),
        Route(UserBlacklistAdd.self),
        Route(UserBlacklistRemove.self),
        Route(UserBlacklistQuery.self),
        Route(UserBlockPushPeriodSet.self),
        Route(UserBlockPushPeriodGet.self),
        Route(UserBlockPushPeriodDelete.self),
        Route(MessagePrivatePublish.self),
        Route(StatusMessagePrivatePublish.self),
        Route(MessageGroupPublish.self),
        Route(StatusMessageGroupPublish.self),
        Route(MessageRecall.self),
        Route(MessagePrivateModify.self),
        Route(MessageGroupModify.self),
        Route(MessageExpansionSet.self),
        Route(MessageExpansionDelete.self),
        Route(MessageExpansionQuery.self),
        Route(MessagePrivateQuery.self),
        Route(MessageGroupQuery.self),
        Route(MessageChatRoomQuery.self),
        Route(ConversationHistoryClean.self),
        Route(GroupCreate.self),
        Route(GroupJoin.self),
        Route(GroupQuit.self),
        Route(GroupDismiss.self),
        Route(GroupRefresh.self),
        Route(GroupUserQuery.self),
        Route(GroupUserGagAdd.self),
        Route(GroupUserGagRollback.self),
        Route(GroupUserGagList.self),
        Route(ConversationTopSet.self),
        Route(ConversationNotificationSet.self),
        Route(ConversationNotificationGet.self),
        Route(ConversationTypeNotificationSet.self),
        Route(ConversationTypeNotificationGet.self),
        Route(ChatRoomCreate.self),
        Route(ChatRoomCreateNew.self),
        Route(ChatRoomDestroySet.self),
        Route(ChatRoomDestroy.self),
        Route(ChatRoomQuery.self),
        Route(ChatRoomGet.self),
        Route(ChatRoomJoin.self),
        Route(ChatRoomUserQuery.self),
        Route(ChatRoomUserExist.self),
        Route(ChatRoomUsersExist.self),
        Route(MessageChatRoomPublish.self),
        Route(MessageChatRoomBroadcast.self),
        Route(ChatRoomListAdd<ChatRoomGag>.self),
        Route(ChatRoomListRemove<ChatRoomGag>.self),
        Route(ChatRoomListQuery<ChatRoomGag>.self),
        Route(ChatRoomListAdd<ChatRoomBlock>.self),
        Route(ChatRoomListRemove<ChatRoomBlock>.self),
        Route(ChatRoomListQuery<ChatRoomBlock>.self),
        Route(ChatRoomUserBanAdd.self),
        Route(ChatRoomUserBanRemove.self),
        Route(ChatRoomUserBanQuery.self),
        Route(ChatRoomSwitchOn<ChatRoomBan>.self),
        Route(ChatRoomSwitchOff<ChatRoomBan>.self),
        Route(ChatRoomBanQuery.self),
        Route(ChatRoomBanCheck.self),
        Route(ChatRoomListAdd<ChatRoomBanWhitelist>.self),
        Route(ChatRoomListRemove<ChatRoomBanWhitelist>.self),
        Route(ChatRoomListQuery<ChatRoomBanWhitelist>.self),
        Route(ChatRoomListAdd<ChatRoomWhitelist>.self),
        Route(ChatRoomListRemove<ChatRoomWhitelist>.self),
        Route(ChatRoomListQuery<ChatRoomWhitelist>.self),
        Route(ChatRoomTypesAdd<ChatRoomTypesNeverDropped>.self),
        Route(ChatRoomTypesRemove<ChatRoomTypesNeverDropped>.self),
        Route(ChatRoomTypesQuery<ChatRoomTypesNeverDropped>.self),
        Route(ChatRoomTypesAdd<ChatRoomTypesOfLowPriority>.self),
        Route(ChatRoomTypesRemove<ChatRoomTypesOfLowPriority>.self),
        Route(ChatRoomTypesQuery<ChatRoomTypesOfLowPriority>.self),
        Route(ChatRoomSwitchOn<ChatRoomDistribution>.self),
        Route(ChatRoomSwitchOff<ChatRoomDistribution>.self),
        Route(ChatRoomSwitchOn<ChatRoomKeepalive>.self),
        Route(ChatRoomSwitchOff<ChatRoomKeepalive>.self),
        Route(ChatRoomKeepaliveQuery.self),
        Route(ChatRoomEntrySet.self),
        Route(ChatRoomEntryBatchSet.self),
        Route(ChatRoomEntryRemove.self),
        Route(ChatRoomEntryQuery.self),
    ]

    private static let routesByPath = Dictionary(uniqueKeysWithValues: Self.routes.map { ($0.description.path, $0) })

    package static var endpoints: [EndpointDescription] { self.routes.map(\.description) }
    package static var callbacks: any CallbackForm.Type { RongCloudCallbacks.self }
    package static var push: (any PushForm.Type)? { RongCloudPush.self }
}

// MARK: - Which requests are RongCloud's

extension RongCloud {
    /// First segments of the vendor's whole surface (facts, section 3), those not spoken yet included: their paths
    /// get the vendor's 404.
    private static let families: Set<String> = [
        "user", "message", "statusmessage", "group", "chatroom", "conversation", "tag", "push", "sensitiveword",
        "wordfilter", "ultragroup", "entrust", "friend", "v3",
    ]

    /// `.json`, and `.xml`, which old clients ask for and get a 404. Neither Tencent's `/v4/…` nor Easemob's
    /// `/{org}/{app}/…` ends so.
    package static func claims(path: String) -> Bool {
        if self.routesByPath[path] != nil { return true }
        guard path.hasSuffix(".json") || path.hasSuffix(".xml") else { return false }
        let segments = path.split(separator: "/", omittingEmptySubsequences: true)
        guard let first = segments.first else { return false }
        // `/push.json` is a family and an endpoint in one.
        return self.families.contains(segments.count == 1 ? String(first.prefix { $0 != "." }) : String(first))
    }

    package static func bodyLimit(path: String) -> Int {
        self.routesByPath[path]?.bodyLimit ?? Route.defaultBodyLimit
    }
}

// MARK: - Answering

extension RongCloud {
    package func answer(_ request: WireRequest) async -> WireResponse {
        do {
            return WireResponse(body: try await self.reply(to: request))
        } catch let failure as Failure {
            request.trace?.refused(Explanation(failure, request))
            return failure.response(url: request.path)
        } catch let malformed as Malformed {
            request.trace?.refused(Explanation(malformed))
            return Failure(malformed).response(url: request.path)
        } catch let rejection as Rejection {
            request.trace?.refused(Explanation(rejection))
            return Failure(rejection).response(url: request.path)
        } catch {
            self.context.report(error, request)
            request.trace?.refused(.fault)
            return Failure.internalError.response(url: request.path)
        }
    }

    package func answer(_ fault: TransportFault, path: String) -> WireResponse {
        Failure(fault).response(url: path)
    }

    private func reply(to request: WireRequest) async throws -> [UInt8] {
        guard let route = Self.routesByPath[request.path] else { throw Failure.noSuchAPI }
        request.trace?.found(route.description)
        guard request.method == .POST else { throw Failure.notPosted }
        let app = try await self.sender(of: request)
        let dialect = request.trace.map(self.traced) ?? self
        return try await route.answer(Call(app: app, request: request, dialect: dialect))
    }

    private func traced(by trace: CallTrace) -> RongCloud {
        var dialect = self
        dialect.context = self.context.traced(by: trace)
        return dialect
    }

    /// The App whose backend signed the request.
    private func sender(of request: WireRequest) async throws -> App {
        guard let key = request.header("App-Key", "RC-App-Key"),
            let app = try await self.context.core.directory.app(dialect: Self.name, key: key),
            let credential = app.credential(in: Self.name)
        else { throw Failure.unknownApp }
        request.trace?.found(app)
        guard let signature = Signature(request), signature.isMade(with: credential.secret),
            self.isFresh(signature, of: app, credential)
        else {
            request.trace?.refused(Explanation(signatureOf: request, credential, at: self.context.now))
            throw Failure.wrongSignature
        }
        return app
    }

    /// Young enough and not seen before, where the App asks for that.
    private func isFresh(_ signature: Signature, of app: App, _ credential: Credential) -> Bool {
        guard let tolerance = credential.signatureToleranceSeconds else { return true }
        let now = self.context.now
        guard signature.isTimely(at: now, toleranceSeconds: tolerance) else { return false }
        guard credential.hasSingleUseNonces else { return true }
        return self.usedSignatures.isFirstUse(signature, in: app.id, at: now, toleranceSeconds: tolerance)
    }
}
