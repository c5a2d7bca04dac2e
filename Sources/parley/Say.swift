import Foundation

/// A line to standard output, at once: also when it is a pipe that a script waits at.
func say(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}
