/// What is said to those who look on, in each language that the console speaks.
package struct Wording: Hashable, Sendable {
    package var english: String
    package var chinese: String

    package init(_ english: String, _ chinese: String) {
        self.english = english
        self.chinese = chinese
    }

    /// What has no language: names, numbers, what a vendor calls a thing.
    package init(verbatim text: String) { self.init(text, text) }

    package enum Language: String, Sendable {
        case english = "en"
        case chinese = "zh"
    }

    package func callAsFunction(in language: Language) -> String {
        switch language {
        case .english: self.english
        case .chinese: self.chinese
        }
    }
}
