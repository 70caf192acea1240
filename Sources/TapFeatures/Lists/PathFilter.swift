// The filter of a list chooses which files of folders, or which paths of a manifest, belong to the list.

import TapFileSystem

/// Patterns that select paths. A pattern is compared with a path as the list names the path: relative to the folder, or
/// as written in the manifest.
///
/// `*.png`, `masks`, `train/*/extra` and `**/raw/*` are patterns. `*` matches any bytes except slashes, `**` matches
/// any folders, `?` matches one character, and `[a-z]` matches one character of a set. A pattern without a slash
/// matches the name of a file or of any folder above the file. A pattern with a slash matches the whole path, or a
/// folder on the path. Upper and lower case differ.
public struct PathFilter: Hashable, Sendable {
  /// Patterns of the listed paths. If the list is not empty, only paths that match at least one pattern are listed.
  public var include: [String]
  /// Patterns of excluded paths. A path that matches an excluding pattern is not listed, even if the path also matches
  /// ``include``.
  public var exclude: [String]

  /// Creates a filter. Without patterns, the filter lists every path.
  public init(include: [String] = [], exclude: [String] = []) {
    self.include = include
    self.exclude = exclude
  }
}

/// A filter in use. The filter records which patterns matched a path.
struct FilterRun {
  private let include: [Glob]
  private let exclude: [Glob]
  private var idle: Set<String>

  init(_ filter: PathFilter) {
    include = filter.include.map(Glob.init)
    exclude = filter.exclude.map(Glob.init)
    idle = Set(filter.include + filter.exclude)
  }

  /// Whether the filter lists a path.
  mutating func takes(_ path: String) -> Bool {
    if include.isEmpty, exclude.isEmpty { return true }
    // The path is compared with every pattern, so that the filter records every match.
    let excluding = exclude.filter { $0.matches(path) }
    let including = include.filter { $0.matches(path) }
    for glob in excluding + including { idle.remove(glob.pattern) }
    return excluding.isEmpty && (include.isEmpty || !including.isEmpty)
  }

  /// A line for each pattern that matched no path.
  var warnings: [String] {
    (exclude.filter { idle.contains($0.pattern) }.map { "--exclude '\($0.pattern)'" }
      + include.filter { idle.contains($0.pattern) }.map { "--include '\($0.pattern)'" })
      .map { "\($0) matches no file: patterns match names, or with a slash whole paths, and case counts" }
  }
}
