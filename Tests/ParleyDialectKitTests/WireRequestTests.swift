import ParleyDialectKit
import Testing

struct WireRequestTests {
    @Test(arguments: [
        ("/user/getToken.json", "/user/getToken.json", ""),
        ("//user/deactivate/query.json?a=b", "/user/deactivate/query.json", "a=b"),
        ("/org//app///x/", "/org/app/x/", ""),
        ("http://api.rong-api.com/message/group/publish.json", "/message/group/publish.json", ""),
        ("https://host:8080?x=1", "/", "x=1"),
        ("http://host", "/", ""),
        ("/v4/openim/sendmsg?usersig=a*b//c&r=http://x/y", "/v4/openim/sendmsg", "usersig=a*b//c&r=http://x/y"),
        ("/a?b?c=d#e", "/a", "b?c=d"),
        ("", "/", ""),
        ("*", "/*", ""),
        ("/a/http://b", "/a/http:/b", ""),
    ])
    func aTargetIsAPathAndAQuery(_ target: String, _ path: String, _ query: String) {
        let split = WireRequest.split(target)
        #expect(split.path == path)
        #expect(split.query == query)
    }
}
