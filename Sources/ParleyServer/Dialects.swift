package import ParleyCore
package import ParleyDialectKit
import ParleyEasemob
import ParleyRongCloud
import ParleySocket
import ParleyTencent

/// The vendors there are. A fourth is one line here.
package enum Dialects {
    package static let all: [any Dialect.Type] = [
        RongCloud.self,
        Tencent.self,
        Easemob.self,
    ]

    /// How messages of each dialect look in a push, ParleySocket's among them.
    package static var pushForms: [DialectName: any PushForm.Type] {
        self.all.reduce(into: [.parley: ParleyPushForm.self]) { $0[$1.name] = $1.push }
    }
}
