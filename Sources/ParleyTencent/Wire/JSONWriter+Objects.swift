import ParleyJSON

extension JSONWriter {
    /// A field that is a list of objects, as most of what the vendor answers is.
    mutating func objects<Element>(
        _ key: String, _ elements: some Sequence<Element>, _ members: (inout JSONWriter, Element) -> Void
    ) {
        self.field(key) { json in
            json.array(elements) { json, element in json.object { members(&$0, element) } }
        }
    }
}
