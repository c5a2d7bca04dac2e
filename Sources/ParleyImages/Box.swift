/// What a thumbnail must fit into, in pixels.
struct Box: Sendable {
    let width: Int
    let height: Int
    /// Pictures with more pixels than this are not read at all.
    let pixelLimit: Int

    func admits(width: Int, height: Int) -> Bool {
        guard width > 0, height > 0 else { return false }
        let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
        return !overflow && pixels <= self.pixelLimit
    }

    /// The largest size with the same proportions that fits, and is no larger than the picture.
    func fitted(width: Int, height: Int) -> (width: Int, height: Int) {
        let scale = min(1, Double(self.width) / Double(width), Double(self.height) / Double(height))
        return Self.scaled(width, height, by: scale)
    }

    /// What is asked of a loader: enough pixels for the box whichever way the picture is turned afterwards.
    func loading(width: Int, height: Int) -> (width: Int, height: Int) {
        let upright = self.fitted(width: width, height: height)
        let turned = Box(width: self.height, height: self.width, pixelLimit: self.pixelLimit)
            .fitted(width: width, height: height)
        return upright.width >= turned.width ? upright : turned
    }

    private static func scaled(_ width: Int, _ height: Int, by scale: Double) -> (width: Int, height: Int) {
        (max(1, Int((Double(width) * scale).rounded())), max(1, Int((Double(height) * scale).rounded())))
    }
}
