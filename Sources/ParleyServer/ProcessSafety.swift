import Foundation

/// What a program that holds secrets asks of the kernel, before it opens anything.
package enum ProcessSafety {
    /// Files and folders that are made from here on are their owner's alone, and a crash leaves no image of the memory behind.
    package static func enter() {
        umask(0o077)
        var limit = rlimit()
        let core = __rlimit_resource_t(RLIMIT_CORE.rawValue)
        guard getrlimit(core, &limit) == 0 else { return }
        limit.rlim_cur = 0
        _ = setrlimit(core, &limit)
    }
}
