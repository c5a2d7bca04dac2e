import NIOHTTP1
import ParleyCore
import ParleyDialectKit

/// What the vendor sells with other companies' services behind it: nothing here moderates or translates, so that each call is answered as for an App that has
/// not bought it.
///
/// Source: facts/easemob-server.md 3.11 (message_translation_text, keyword_list_create: their tables of errors).
struct ClosedService: Sendable {
    let description: EndpointDescription
    let callers: Callers
    let refusal: Refusal

    static let all = [
        translation("POST", "/translate", "Translate a text", "翻译消息内容 (message_translation_text)"),
        translation(
            "GET", "/translate/support/language", "List the languages of translations",
            "获取翻译语言列表 (message_translation_language_list)"),
        translation(
            "POST", "/translate/detect", "Find out a text's language", "检测文本的源语言 (message_translation_detect)"),
        translation(
            "POST", "/users/{username}/translate", "Translate a text (clients)", "facts/easemob-client.md 6 (SDKs)",
            for: .applicationOrOneself),
        translation(
            "GET", "/users/{username}/translate/support/language", "List the languages of translations (clients)",
            "facts/easemob-client.md 6 (SDKs)", for: .applicationOrOneself),
        moderation("POST", "/txt/check", "Have a text judged", "文本主动审核 (moderation_txt_check)"),
        moderation("POST", "/text/list", "Make a list of words", "创建关键词名单 (keyword_list_create)"),
        moderation("PUT", "/text/list/{list_id}", "Change a list of words", "修改关键词名单 (keyword_list_modify)"),
        moderation("DELETE", "/text/list/{list_id}", "Delete a list of words", "删除关键词名单 (keyword_list_delete)"),
        moderation("POST", "/text/list/search", "Find lists of words", "查询关键词名单列表 (keyword_list_query)"),
        moderation("POST", "/text/list/{list_id}/word/batch", "Add words to a list", "添加关键词 (keyword_add)"),
        moderation("PUT", "/text/list/{list_id}/word", "Change a word of a list", "修改关键词 (keyword_modify)"),
        moderation("POST", "/text/list/{list_id}/word", "Find words of a list", "查询关键词 (keyword_query)"),
        moderation("DELETE", "/text/list/{list_id}/word", "Delete words of a list", "删除关键词 (keyword_delete)"),
    ]

    private static func translation(
        _ method: String, _ path: String, _ title: String, _ page: String, for callers: Callers = .application
    ) -> ClosedService {
        ClosedService(
            method, path, title, page, for: callers,
            Refusal(
                .serviceUnavailable, "service open exception", "service not open",
                exception: "ServiceNotOpenException"))
    }

    private static func moderation(
        _ method: String, _ path: String, _ title: String, _ page: String
    ) -> ClosedService {
        ClosedService(
            method, "/moderation\(path)", title, page, for: .application,
            .roaming("moderation org data is empty"))
    }

    private init(
        _ method: String, _ path: String, _ title: String, _ page: String, for callers: Callers, _ refusal: Refusal
    ) {
        self.description = EndpointDescription(
            method, "/{org_name}/{app_name}\(path)", title, page: page,
            .partial("refused as where the service is not open"))
        self.callers = callers
        self.refusal = refusal
    }
}
