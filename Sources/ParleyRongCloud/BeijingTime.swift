import ParleyCore

extension Timestamp {
    /// `2016-05-24 10:38:19`, at UTC+8 whatever the server's own zone: how the vendor writes dates in answers. "For
    /// ever" is the last second that can be written so.
    var inBeijing: String {
        let last = Timestamp(seconds: 253_402_300_799 - 8 * 3600)
        let seconds = min(max(self, .distantPast), last).seconds + 8 * 3600
        let (year, month, day) = Self.date(daysSince1970: seconds / 86400)
        let time = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60].map(Self.twoDigits).joined(separator: ":")
        return "\(year)-\(Self.twoDigits(month))-\(Self.twoDigits(day)) \(time)"
    }

    private static func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// The Gregorian date. Years begin in March here, so that the leap day is a year's last.
    private static func date(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468  // days since 0000-03-01
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }
}
