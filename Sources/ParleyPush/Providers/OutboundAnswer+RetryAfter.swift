package import ParleyOutbound

extension OutboundAnswer {
    /// `Retry-After` in seconds, an hour at most whatever it says. The header's other form, a date, none of these providers documents: it is passed over.
    package var retryAfterMilliseconds: Int64? {
        guard let seconds = self.headers["retry-after"].flatMap({ Int64($0) }), seconds >= 0 else { return nil }
        return min(seconds, 3600) * 1000
    }
}
