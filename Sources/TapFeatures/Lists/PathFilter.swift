// The files of folders, and the paths of a manifest, that belong to a list.

import TapFileSystem

/// Patterns that select paths as the list names them: relative to the folder or as a manifest has them.
///
/// `*.png`, `masks`, `train/*/extra`, `**/raw/*`: `*` is any run of bytes but slashes, `**` any folders, `?` a
/// character, `[a-z]` one of a set. A pattern without a slash matches the name of a file or of any folder above it; one
/// with a slash matches the whole path, or a folder on it. Matching is case-sensitive.
public struct PathFilter: Hashable, Sendable {
  /// If not empty, only paths that match one of them are listed.
  public var include: [String]
  /// Paths that match one of them are not listed, whatever ``include`` says.
  public var exclude: [String]

  /// Lists everything unless patterns are given.
  public init(include: [String] = [], exclude: [String] = []) {
    self.include = include
    self.exclude = exclude
  }
}

/// A filter in use, which records the patterns that matched something.
struct FilterRun {
  private let include: [Glob]
  private let exclude: [Glob]
  private var idle: Set<String>

  init(_ filter: PathFilter) {
    include = filter.include.map(Glob.init)
    exclude = filter.exclude.map(Glob.init)
    idle = Set(filter.include + filter.exclude)
  }

  /// Whether a path is listed.
  mutating func takes(_ path: String) -> Bool {
    if include.isEmpty, exclude.isEmpty { return true }
    // Every pattern is tried, so that each is known to match something.
    let excluding = exclude.filter { $0.matches(path) }
    let including = include.filter { $0.matches(path) }
    for glob in excluding + including { idle.remove(glob.pattern) }
    return excluding.isEmpty && (include.isEmpty || !including.isEmpty)
  }

  /// A line for each pattern that matched nothing.
  var warnings: [String] {
    (exclude.filter { idle.contains($0.pattern) }.map { "--exclude '\($0.pattern)'" }
      + include.filter { idle.contains($0.pattern) }.map { "--include '\($0.pattern)'" })
      .map { "\($0) matches no file: patterns match names, or with a slash whole paths, and case counts" }
  }
}
