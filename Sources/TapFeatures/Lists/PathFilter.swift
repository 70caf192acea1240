import TapFileSystem

// Which files of folders, and which paths of a manifest, belong to a list.

/// Patterns that say what is listed, on paths as the list names them: relative to the folder or as a manifest has them.
///
/// `*.png`, `masks`, `train/*/extra`, `**/raw/*`: `*` is any run of bytes but slashes, `**` any folders, `?` a character, `[a-z]` one
/// of a set. A pattern without a slash matches the name of a file or of any folder above it; one with a slash matches the whole
/// path, or a folder on it. Case counts.
public struct PathFilter: Hashable, Sendable {
  /// Only what matches one of them is listed; empty: everything is.
  public var include: [String]
  /// What matches one of them is not listed, whatever ``include`` says.
  public var exclude: [String]

  /// Lists everything unless patterns are given.
  public init(include: [String] = [], exclude: [String] = []) {
    self.include = include
    self.exclude = exclude
  }
}

/// A filter at work, which knows which of its patterns matched something.
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
    // Every pattern is asked, so that each is known to match something.
    let excluding = exclude.filter { $0.matches(path) }
    let including = include.filter { $0.matches(path) }
    for glob in excluding + including { idle.remove(glob.pattern) }
    return excluding.isEmpty && (include.isEmpty || !including.isEmpty)
  }

  /// A line for each pattern that matched nothing.
  var remarks: [String] {
    (exclude.filter { idle.contains($0.pattern) }.map { "--exclude '\($0.pattern)'" }
      + include.filter { idle.contains($0.pattern) }.map { "--include '\($0.pattern)'" })
      .map { "\($0) matches no file: patterns match names, or with a slash whole paths, and case counts" }
  }
}
