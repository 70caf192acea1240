// The version of the program and of the library.

/// The release that this source makes.
package enum Release {
  /// The semantic version.
  package static let version = "0.2.0"
}
