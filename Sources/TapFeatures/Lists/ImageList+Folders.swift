import TapFileSystem

// Lists from folders. The folders' names say the splits and the classes:
//
//     photos/cat/1.jpg               class cat
//     photos/train/cat/1.jpg         split train, class cat
//     photos/1.jpg                   no class
//
// A folder is read as splits when every folder in it that holds images is called train, test, val,
// valid or validation, or when one is called train. In the second case other folders beside them are
// an error: a class that happens to be called "test" is no split unless "train" is there too.

extension ImageList {
  /// Lists the images of folders and files.
  ///
  /// With one folder, paths are relative to it. With several arguments, or a file, every path begins
  /// with its argument as it was written. Below a folder only files that end in `.jpg`, `.jpeg` or
  /// `.png` count, hidden ones do not; a file that is named itself always counts.
  ///
  /// - Throws: ``FeatureError/noImages(paths:skipped:)``, ``FeatureError/splitsMixedWithClasses(folder:splits:others:)``,
  ///   or ``FeatureError/file(_:)`` when an argument does not exist.
  public init(paths: [String]) throws(FeatureError) {
    var items: [ImageItem] = []
    var skipped = 0
    var notes: [String] = []
    var folder = ""
    for path in paths {
      let status = try onFiles { () throws(FileSystemError) in try FileSystem.status(path) }
      guard let status else {
        throw .file(.missing(path))
      }
      guard status.isDirectory else {
        items.append(ImageItem(path: path))
        continue
      }
      let walk = try onFiles { () throws(FileSystemError) in try DirectoryWalk(path) }
      let found = walk.files.filter(Self.isImage)
      skipped += walk.files.count - found.count
      notes += walk.passedOver.map { FileSystem.join(path, $0) }
      let layout = try FolderLayout(found, in: path)
      let prefix = paths.count == 1 ? "" : path
      if paths.count == 1 { folder = path }
      items += found.map { layout.item($0, prefix: prefix) }
    }
    guard !items.isEmpty else { throw .noImages(paths: paths, skipped: skipped) }
    self.init(items: items, folder: folder, skippedFiles: skipped, notes: notes)
  }
}

/// What the folders below a root mean.
private struct FolderLayout {
  let hasSplits: Bool

  /// - Parameter files: images, relative to the root.
  init(_ files: [String], in root: String) throws(FeatureError) {
    var folders: [String] = []
    for file in files {
      let parts = file.pathParts
      if parts.count > 1, !folders.last.hasBytes(of: parts[0]) { folders.append(parts[0]) }
    }
    let splits = folders.filter { SplitName(name: $0) != nil }
    let others = folders.filter { SplitName(name: $0) == nil }
    if splits.contains("train"), !others.isEmpty {
      throw .splitsMixedWithClasses(folder: root, splits: splits, others: others)
    }
    hasSplits = !splits.isEmpty && others.isEmpty
  }

  func item(_ file: String, prefix: String) -> ImageItem {
    var folders = file.pathParts.dropLast()
    var split: SplitName?
    if hasSplits, let first = folders.first, let name = SplitName(name: first) {
      split = name
      folders = folders.dropFirst()
    }
    return ImageItem(path: FileSystem.join(prefix, file), label: folders.first, split: split)
  }
}
