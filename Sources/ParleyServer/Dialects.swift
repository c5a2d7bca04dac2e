package import ParleyDialectKit
import ParleyEasemob
import ParleyRongCloud
import ParleyTencent

/// The vendors there are. A fourth is one line here.
package enum Dialects {
    package static let all: [any Dialect.Type] = [
        RongCloud.self,
        Tencent.self,
        Easemob.self,
    ]
}
