// The meaning of a list's folders: splits, classes, or folders around them. Documentation/Lists.md states the rules.

import TapFileSystem

/// How to read the folders at the top of a list.
public enum FolderReading: String, CaseIterable, Sendable {
  /// By their names and contents; where both readings are possible, that is an error.
  case automatic = "auto"
  /// As classes, whatever their names are.
  case classes
  /// As splits, with classes in them.
  case splits
}

/// The meaning of the folders below a root.
struct FolderLayout {
  /// The number of outer folders to skip before splits or classes.
  private let start: Int
  /// Splits by the names of their folders; empty where the folders are classes.
  private let splits: [ByteKey: SplitName]
  /// The number of folders to skip between split and class.
  private let between: Int
  /// Folders that were read otherwise than the first folder suggests, and how to change that.
  let warnings: [String]

  /// - Parameter files: the parts of the images' paths, relative to the root.
  /// - Throws: ``FeatureError`` where folders may be splits or classes.
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

  /// The class and the split of a file, and the folder that gives them.
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

  /// The number of folders around everything: one alone at each level, without files beside it, down to a level of
  /// several folders or of splits. 0 where there are files before there are several folders: then the first folder is
  /// the class.
  private static func chain(_ files: [ArraySlice<String>]) -> Int {
    var depth = 0
    while true {
      let tree = FolderTree(files.map { $0.dropFirst(depth) })
      guard !tree.hasFiles, let first = tree.names.first else { return 0 }
      if tree.names.count > 1 || SplitWord(first) != nil { return depth }
      depth += 1
    }
  }

  /// The same number between splits and classes, common to all splits.
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
      // A class may be named like a split: the opposite of `invalid` is `valid`.
      let isValidity =
        words.allSatisfy { $0.name.lowercased() == "valid" }
        && others.contains { $0.lowercased().hasSuffix("valid") }
      if !hasTrain, !haveFolders, isValidity { return [:] }
      throw .splitsMixedWithClasses(folder: root, splits: words.map(\.name), others: others)
    }
    if let name = words.first(where: { $0.word == .undecided })?.name {
      throw .undecidedSplit(folder: root, name: name)
    }
    // Without train/ two such folders are splits only if they have the same classes.
    let isClear = hasTrain || words.count == 1 || haveFolders && tops.shareFolders(words.map(\.name))
    guard isClear || isWanted else { throw .undecidedFolders(folder: root, names: words.map(\.name)) }
    return Dictionary(
      words.compactMap { name, word in word.split.map { (ByteKey(name), $0) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// Splits whose folders have a split's name as a part of theirs: `seg_train/` and `seg_test/`.
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
  /// Whether files lie beside them.
  let hasFiles: Bool
  /// The folder at the top of each file; empty for none.
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

  /// Folders in a folder at the top.
  func folders(in name: String) -> Set<ByteKey> { inner[ByteKey(name)] ?? [] }

  /// Whether each of some folders has a folder that another has too.
  func shareFolders(_ names: [String]) -> Bool {
    names.allSatisfy { name in
      names.contains { !$0.hasBytes(of: name) && !folders(in: name).isDisjoint(with: folders(in: $0)) }
    }
  }
}
