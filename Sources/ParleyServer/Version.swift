/// Of the program, as it says itself.
package enum Version {
    package static let text = "0.1.0"
}
