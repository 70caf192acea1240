// The meaning of a list's folders: splits, classes, or outer folders around splits and classes. Documentation/Lists.md
// states the rules.

import TapFileSystem

/// How to read the folders at the top of a list.
public enum FolderReading: String, CaseIterable, Sendable {
  /// By the names and contents of the folders. If two readings are possible, an error is thrown.
  case automatic = "auto"
  /// As classes, whatever their names are.
  case classes
  /// As splits, which hold folders of classes.
  case splits
}

/// The meaning of the folders below a root.
struct FolderLayout {
  /// The number of outer folders to skip before splits or classes.
  private let start: Int
  /// Splits by the names of their folders; empty if the folders are classes.
  private let splits: [ByteKey: SplitName]
  /// The number of folders to skip between split and class.
  private let between: Int
  /// Lines about folders whose reading differs from the usual one, with the option that changes the reading.
  let warnings: [String]

  /// - Parameter files: the path of each image relative to the root, as a list of parts.
  /// - Throws: ``FeatureError`` if folders may be splits or classes.
  init(_ files: [[String]], in root: String, reading: FolderReading) throws(FeatureError) {
    var warnings: [String] = []
    let start = reading == .classes ? 0 : Self.chain(files.map { $0[...] })
    let tops = FolderTree(files.map { $0.dropFirst(start) })
    splits =
      reading == .classes ? [:] : try Self.splits(tops, in: root, isWanted: reading == .splits, &warnings)
    if start > 0, let outer = files.first?.prefix(start).joined(separator: "/") {
      warnings.insert(
        "\(root): all images lie in \(outer)/, so the folders in it are taken for the "
          + (splits.isEmpty ? "classes (--folders classes takes the first folder)" : "splits"), at: 0)
    }
    between = splits.isEmpty ? 0 : Self.between(files.map { $0.dropFirst(start + 1) }, tops)
    if between > 0, let file = files.first {
      warnings.append(
        "\(root): each split holds one folder, as \(file.prefix(start + 1 + between).joined(separator: "/"))/, so the "
          + "folders in it are taken for the classes (--labels says otherwise)")
    }
    self.start = start
    self.warnings = warnings
  }

  /// The class and the split of a file, and the folder that determines them.
  func place(_ parts: [String]) -> (label: String?, split: SplitName?, folder: String) {
    var depth = start
    let folders = parts.dropLast()
    var split: SplitName?
    if depth < folders.count, let name = splits[ByteKey(folders[depth])] {
      split = name
      depth += 1 + between
    }
    guard depth < folders.count else { return (nil, split, "") }
    return (folders[depth], split, folders[...depth].joined(separator: "/"))
  }

  /// The number of outer folders. An outer folder is the only folder of its level and has no files beside it. The outer
  /// folders end before the first level with several folders or with splits. The number is 0 if files occur before such
  /// a level. In this case, the first folder is the class.
  private static func chain(_ files: [ArraySlice<String>]) -> Int {
    var depth = 0
    while true {
      let tree = FolderTree(files.map { $0.dropFirst(depth) })
      guard !tree.hasFiles, let first = tree.names.first else { return 0 }
      if tree.names.count > 1 || SplitWord(first) != nil { return depth }
      depth += 1
    }
  }

  /// The number of outer folders between splits and classes. The result is 0 if the splits have different numbers of
  /// such folders.
  private static func between(_ files: [ArraySlice<String>], _ tops: FolderTree) -> Int {
    let bySplit = Dictionary(grouping: zip(tops.owners, files), by: { ByteKey($0.0) }).values
    let chains = bySplit.map { entries -> Int in
      let files = entries.map(\.1)
      var depth = 0
      while true {
        let tree = FolderTree(files.map { $0.dropFirst(depth) })
        guard !tree.hasFiles, !tree.names.isEmpty else { return 0 }
        if tree.names.count > 1 { return depth }
        depth += 1
      }
    }
    guard let first = chains.first, chains.allSatisfy({ $0 == first }) else { return 0 }
    return first
  }

  private static func splits(
    _ tops: FolderTree, in root: String, isWanted: Bool, _ warnings: inout [String]
  ) throws(FeatureError) -> [ByteKey: SplitName] {
    var words: [(name: String, word: SplitWord)] = []
    var others: [String] = []
    for name in tops.names {
      if let word = SplitWord(name) { words.append((name, word)) } else { others.append(name) }
    }
    let hasTrain = words.contains { $0.word == .split(.train) }
    let haveFolders = words.contains { !tops.folders(in: $0.name).isEmpty }
    if words.isEmpty || isWanted && !others.isEmpty {
      return try splitsByPart(tops, in: root, isWanted: isWanted, &warnings)
    }
    guard others.isEmpty else {
      // `valid` is the name of a class instead of a split if the other class is `invalid`.
      let isValidity =
        words.allSatisfy { $0.name.lowercased() == "valid" }
        && others.contains { $0.lowercased().hasSuffix("valid") }
      if !hasTrain, !haveFolders, isValidity { return [:] }
      throw .splitsMixedWithClasses(folder: root, splits: words.map(\.name), others: others)
    }
    if let name = words.first(where: { $0.word == .undecided })?.name {
      throw .undecidedSplit(folder: root, name: name)
    }
    // Without a folder train/, folders named like splits count as splits only if they hold folders of equal names.
    let isClear = hasTrain || words.count == 1 || haveFolders && tops.shareFolders(words.map(\.name))
    guard isClear || isWanted else { throw .undecidedFolders(folder: root, names: words.map(\.name)) }
    return Dictionary(
      words.compactMap { name, word in word.split.map { (ByteKey(name), $0) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// Splits whose folder names contain the name of a split: `seg_train/` and `seg_test/`.
  private static func splitsByPart(
    _ tops: FolderTree, in root: String, isWanted: Bool, _ warnings: inout [String]
  ) throws(FeatureError) -> [ByteKey: SplitName] {
    var splits: [ByteKey: SplitName] = [:]
    var others: [String] = []
    for name in tops.names {
      if let split = (SplitWord(name) ?? SplitWord(within: name))?.split {
        splits[ByteKey(name)] = split
      } else {
        others.append(name)
      }
    }
    if isWanted, !others.isEmpty {
      throw .splitsMixedWithClasses(folder: root, splits: splits.keys.sorted().map(\.text), others: others)
    }
    let haveFolders = tops.names.allSatisfy { !tops.folders(in: $0).isEmpty }
    let isClear = splits.values.contains(.train) && Set(splits.values).count > 1 && haveFolders
    guard isWanted || others.isEmpty && isClear && tops.shareFolders(tops.names) else { return [:] }
    let taken = splits.sorted { $0.key < $1.key }.map { "\($0.key.text)/ for \($0.value.rawValue)" }
    warnings.append("\(root): \(taken.joined(separator: ", ")) (--folders classes takes them for classes)")
    return splits
  }
}

/// The first two levels of folders that hold images.
private struct FolderTree {
  /// Folders at the top, sorted by bytes.
  let names: [String]
  /// Whether files lie beside the folders at the top.
  let hasFiles: Bool
  /// The folder at the top that each file is in; empty for a file in no folder.
  let owners: [String]
  private let inner: [ByteKey: Set<ByteKey>]

  init(_ files: [ArraySlice<String>]) {
    var inner: [ByteKey: Set<ByteKey>] = [:]
    var hasFiles = false
    owners = files.map { file in
      guard let top = file.first, file.count > 1 else {
        hasFiles = true
        return ""
      }
      let second = file.count > 2 ? [ByteKey(file[file.startIndex + 1])] : []
      inner[ByteKey(top), default: []].formUnion(second)
      return top
    }
    self.inner = inner
    self.hasFiles = hasFiles
    names = inner.keys.sorted().map(\.text)
  }

  /// The folders in a folder at the top.
  func folders(in name: String) -> Set<ByteKey> { inner[ByteKey(name)] ?? [] }

  /// Whether each of these folders holds a folder whose name also occurs in another of these folders.
  func shareFolders(_ names: [String]) -> Bool {
    names.allSatisfy { name in
      names.contains { !$0.hasBytes(of: name) && !folders(in: name).isDisjoint(with: folders(in: $0)) }
    }
  }
}
