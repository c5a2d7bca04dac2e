import NIOHTTP1
import ParleyCore
import ParleyDialectKit

// What the vendor sells with other companies' services behind it: nothing here moderates or translates, so that these are answered as for an App that has not
// bought them. Source: facts/easemob-server.md 3.11 (message_translation_text, keyword_list_create: their tables of errors).

protocol ClosedService: Sendable {
    static var method: String { get }
    static var path: String { get }
    static var title: String { get }
    static var page: String { get }
    static var callers: Callers { get }
    static var refusal: Refusal { get }
}

/// A call of such a service.
struct Closed<Service: ClosedService>: Endpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            Service.method, "/{org_name}/{app_name}\(Service.path)", Service.title, page: Service.page,
            .partial("refused as where the service is not open"))
    }
    static var callers: Callers { Service.callers }
    static var area: Area { .general }

    init(_ call: Call) {}

    func perform(_ call: Call) async throws { throw Service.refusal }

    func encode(_: Void, _ call: Call) -> Answer { Answer() }
}

// MARK: Translation

protocol Translation: ClosedService {}

extension Translation {
    static var refusal: Refusal {
        Refusal(
            .serviceUnavailable, "service open exception", "service not open", exception: "ServiceNotOpenException")
    }
}

enum TranslateText: Translation {
    static let method = "POST"
    static let path = "/translate"
    static let title = "Translate a text"
    static let page = "翻译消息内容 (message_translation_text)"
    static let callers = Callers.application
}

enum ListLanguages: Translation {
    static let method = "GET"
    static let path = "/translate/support/language"
    static let title = "List the languages of translations"
    static let page = "获取翻译语言列表 (message_translation_language_list)"
    static let callers = Callers.application
}

enum DetectLanguage: Translation {
    static let method = "POST"
    static let path = "/translate/detect"
    static let title = "Find out a text's language"
    static let page = "检测文本的源语言 (message_translation_detect)"
    static let callers = Callers.application
}

enum TranslateTextForClient: Translation {
    static let method = "POST"
    static let path = "/users/{username}/translate"
    static let title = "Translate a text (clients)"
    static let page = "facts/easemob-client.md 6 (SDKs)"
    static let callers = Callers.applicationOrOneself
}

enum ListLanguagesForClient: Translation {
    static let method = "GET"
    static let path = "/users/{username}/translate/support/language"
    static let title = "List the languages of translations (clients)"
    static let page = "facts/easemob-client.md 6 (SDKs)"
    static let callers = Callers.applicationOrOneself
}

// MARK: Moderation

protocol TextModeration: ClosedService {}

extension TextModeration {
    static var callers: Callers { .application }
    static var refusal: Refusal { .roaming("moderation org data is empty") }
}

enum CheckText: TextModeration {
    static let method = "POST"
    static let path = "/moderation/txt/check"
    static let title = "Have a text judged"
    static let page = "文本主动审核 (moderation_txt_check)"
}

enum CreateKeywordList: TextModeration {
    static let method = "POST"
    static let path = "/moderation/text/list"
    static let title = "Make a list of words"
    static let page = "创建关键词名单 (keyword_list_create)"
}

enum ChangeKeywordList: TextModeration {
    static let method = "PUT"
    static let path = "/moderation/text/list/{list_id}"
    static let title = "Change a list of words"
    static let page = "修改关键词名单 (keyword_list_modify)"
}

enum DeleteKeywordList: TextModeration {
    static let method = "DELETE"
    static let path = "/moderation/text/list/{list_id}"
    static let title = "Delete a list of words"
    static let page = "删除关键词名单 (keyword_list_delete)"
}

enum FindKeywordLists: TextModeration {
    static let method = "POST"
    static let path = "/moderation/text/list/search"
    static let title = "Find lists of words"
    static let page = "查询关键词名单列表 (keyword_list_query)"
}

enum AddKeywords: TextModeration {
    static let method = "POST"
    static let path = "/moderation/text/list/{list_id}/word/batch"
    static let title = "Add words to a list"
    static let page = "添加关键词 (keyword_add)"
}

enum ChangeKeyword: TextModeration {
    static let method = "PUT"
    static let path = "/moderation/text/list/{list_id}/word"
    static let title = "Change a word of a list"
    static let page = "修改关键词 (keyword_modify)"
}

enum FindKeywords: TextModeration {
    static let method = "POST"
    static let path = "/moderation/text/list/{list_id}/word"
    static let title = "Find words of a list"
    static let page = "查询关键词 (keyword_query)"
}

enum DeleteKeywords: TextModeration {
    static let method = "DELETE"
    static let path = "/moderation/text/list/{list_id}/word"
    static let title = "Delete words of a list"
    static let page = "删除关键词 (keyword_delete)"
}
