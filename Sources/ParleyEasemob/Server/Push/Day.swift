import ParleyCore

/// A date of the Gregorian calendar, `2024-04-01`, in whichever time zone.
struct Day: Hashable, Sendable {
    /// Since 1970-01-01.
    let number: Int64

    init(number: Int64) { self.number = number }

    init(of moment: Timestamp, offsetMinutes: Int) {
        let seconds = moment.seconds + Int64(offsetMinutes) * 60
        self.number = (seconds - (seconds % 86400 + 86400) % 86400) / 86400
    }

    /// Nil: no such day, or not of 1970 to 9999.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2],
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }), let year = Int64(parts[0]),
            let month = Int64(parts[1]), let day = Int64(parts[2]), year >= 1970, (1...12).contains(month),
            (1...31).contains(day)
        else { return nil }
        self.number = Self.number(year, month, day)
        // The thirty-first of April is the first of May.
        guard self.text == text else { return nil }
    }

    /// `20240401`
    init?(compact text: String) {
        guard text.utf8.count == 8 else { return nil }
        self.init("\(text.prefix(4))-\(text.dropFirst(4).prefix(2))-\(text.suffix(2))")
    }

    var compact: String { self.text.filter { $0 != "-" } }

    func start(offsetMinutes: Int) -> Timestamp {
        Timestamp(seconds: self.number * 86400 - Int64(offsetMinutes) * 60)
    }

    var text: String {
        let (year, month, day) = self.date
        return "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
    }

    // Years begin in March here, so that the leap day is a year's last; 719,468 days are from 0000-03-01 to 1970-01-01.

    private static func number(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }

    private var date: (year: Int64, month: Int64, day: Int64) {
        let shifted = self.number + 719_468
        // The average year's length says which it is, but for the days around its turn.
        var year = shifted * 400 / 146_097
        if Self.number(year, 3, 1) > self.number { year -= 1 }
        if Self.number(year + 1, 3, 1) <= self.number { year += 1 }
        let dayOfYear = self.number - Self.number(year, 3, 1)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        return month < 10 ? (year, month + 3, day) : (year + 1, month - 9, day)
    }
}
