// The errors of listing images and of feature stores, and the texts of these errors.

import TapBackbone
import TapFileSystem

/// Listing images, extracting features or reading a store failed.
public enum FeatureError: Error, Equatable, CustomStringConvertible {
  /// A file system operation failed.
  case file(FileSystemError)
  /// The backbone cannot compute the requested columns.
  case backbone(BackboneError)
  /// Neither the folders nor the named files hold a JPEG or PNG. `skipped` counts the skipped files by extension.
  case noImages(paths: [String], skipped: String)
  /// A folder holds folders named like splits and also folders with other names.
  case splitsMixedWithClasses(folder: String, splits: [String], others: [String])
  /// A folder holds folders named like splits, but these folders may also be classes.
  case undecidedFolders(folder: String, names: [String])
  /// A folder may be a split for model selection or a split for the final report.
  case undecidedSplit(folder: String, name: String)
  /// Some classes lost all their files, because every file was skipped.
  case emptiedClasses([EmptiedClass])
  /// Some classes have no image that could be read.
  case unreadableClasses([String])
  /// A rule gives images no groups, or groups that differ from the images' own groups.
  case grouping(String)
  /// A manifest cannot be read; `line` is the number of the line, from 1.
  case manifest(path: String, line: Int?, problem: String)
  /// No path of a manifest leads to a file.
  case manifestMatchesNothing(path: String, folder: String, firstMissing: String)
  /// The folder is no feature store and holds no feature store.
  case notAStore(path: String)
  /// The folder holds several stores, but one store is needed.
  case severalStores(path: String, names: [String])
  /// The store has a later format than this program knows.
  case laterFormat(path: String, format: Int, known: Int)
  /// The files of a store contradict each other or their format.
  case damaged(path: String, problem: String)
  /// The store's features come from another backbone, preprocessing or decoder.
  case otherIdentity(path: String, differences: [String])
  /// The store does not hold the column.
  case noSuchColumn(name: String, available: [String], path: String)
  /// New columns need every row's image, but some rows' images are not in the list.
  case imagesOfRowsMissing(path: String, missing: Int, rows: Int)
  /// The folder of a shard has another shard than the requested one.
  case otherShard(path: String, problem: String)
  /// Some shards cannot be merged, or not with each other.
  case unmergeable(String)
  /// The rows of images that are gone cannot be dropped from a store.
  case uncompactable(path: String, problem: String)
  /// The result of a merge or of a compaction already exists.
  case mergedAlready(path: String)
  /// The contents of a file changed while the program worked on the file.
  case changedMeanwhile(path: String)
  /// An image cannot be decoded, or it cannot be decoded now, although it could be when its row was made.
  case unreadable(path: String, reason: String)
  /// The file of an image cannot be read: it is missing, for example.
  case unreadableFile(path: String, FileSystemError)
  /// The caller asked to stop; the committed rows stay.
  case interrupted(rows: Int, path: String)
  /// No column was requested.
  case noColumns

  /// A class that has files but no images.
  public struct EmptiedClass: Hashable, Sendable {
    /// The folder of the class, relative to the list's folder.
    public let folder: String
    /// The number of the class's files by extension.
    public let files: String

    /// Creates a class without images.
    public init(folder: String, files: String) {
      self.folder = folder
      self.files = files
    }
  }

  public var description: String {
    switch self {
    case .file(let error): "\(error)"
    case .backbone(let error): "\(error)"
    case .noImages(let paths, let skipped):
      "no JPEG or PNG images in \(paths.joined(separator: ", "))"
        + (skipped.isEmpty ? "" : ": files there are \(skipped); convert images to JPEG or PNG")
    case .splitsMixedWithClasses(let folder, let splits, let others):
      "\(folder) holds \(Self.list(splits, "/")) beside \(Self.list(others, "/")), which may be splits or classes: if they are "
        + "splits (train, val, test), move the others away or leave them out (--exclude \(others.first ?? "")); if all are "
        + "classes, say --folders classes"
    case .undecidedFolders(let folder, let names):
      "\(folder) holds \(Self.list(names, "/")), which may be splits or classes: say --folders splits or --folders classes"
    case .undecidedSplit(let folder, let name):
      "\(folder) holds \(name)/, which may be for choosing or for the final test: rename it to val/ or to test/; if it is a "
        + "class, say --folders classes"
    case .emptiedClasses(let classes):
      classes.prefix(5).map { "class '\($0.folder)' would have no image: its files are \($0.files)" }
        .joined(separator: "; ") + (classes.count > 5 ? "; and \(classes.count - 5) more classes" : "")
        + ". Convert images to JPEG or PNG, or leave the folder out (--exclude '\(classes.first?.folder ?? "")')"
    case .unreadableClasses(let names):
      "none of the images of \(names.count == 1 ? "class" : "the classes") \(names.prefix(5).map { "'\($0)'" }.joined(separator: ", "))"
        + (names.count > 5 ? " and \(names.count - 5) more" : "")
        + " could be read: mend them, or leave the \(names.count == 1 ? "class" : "classes") out (--exclude)"
    case .grouping(let problem): problem
    case .manifest(let path, let line, let problem):
      line.map { "\(path), line \($0): \(problem)" } ?? "\(path): \(problem)"
    case .manifestMatchesNothing(let path, let folder, let first):
      "no path of \(path) leads to a file below \(folder.isEmpty ? "the working folder" : folder); "
        + "the first is \(first)"
    case .notAStore(let path):
      "\(path) is not a feature store: expected a folder with store.json in it or in a folder of it, "
        + "as 'layertap extract --store' makes it"
    case .severalStores(let path, let names):
      "\(path) holds \(names.count) stores; name one of them: \(names.joined(separator: ", "))"
    case .laterFormat(let path, let format, let known):
      "\(path) has format \(format), and this program knows formats up to \(known): use a later version"
    case .damaged(let path, let problem):
      "the store is damaged: \(path): \(problem); remove the store's folder and extract again"
    case .otherIdentity(let path, let differences):
      "\(path) was made by another backbone or preprocessing (stored / asked for: "
        + differences.joined(separator: "; ") + "); use another --store"
    case .noSuchColumn(let name, let available, let path):
      "\(path) has no column \(name); it has \(available.joined(separator: ", "))"
    case .imagesOfRowsMissing(let path, let missing, let rows):
      "a new column needs the image of every row, and the images of \(missing) of the \(rows) rows in "
        + "\(path) are neither in this list nor where they were: add them to the command, use another --store, "
        + "or drop these rows with --drop-missing"
    case .otherShard(let path, let problem):
      "\(path) is there, but \(problem): remove the folder, or choose another --store"
    case .unmergeable(let problem): problem
    case .uncompactable(let path, let problem): "\(path) cannot be compacted: \(problem)"
    case .mergedAlready(let path): "\(path) is there already: remove it, or name another folder with --into"
    case .changedMeanwhile(let path): "\(path) changed while it was read; run the same command again"
    case .unreadable(let path, let reason): "\(path): \(reason)"
    case .unreadableFile(let path, let error): "\(path): \(error.imageReason)"
    case .interrupted(let rows, let path):
      "interrupted; \(rows) rows are safe in \(path): the same command goes on from there"
    case .noColumns: "no column was asked for: name at least one layer"
    }
  }

  private static func list(_ names: [String], _ suffix: String) -> String {
    let shown = names.prefix(5).map { $0 + suffix }.joined(separator: ", ")
    return names.count > 5 ? shown + " and \(names.count - 5) more" : shown
  }
}

/// Runs `body` and turns its file system errors into ``FeatureError``.
func onFiles<R>(_ body: () throws(FileSystemError) -> R) throws(FeatureError) -> R {
  do { return try body() } catch { throw .file(error) }
}

extension FileSystemError {
  /// The reason why the file of an image cannot be read, without the path. The item already has the path. Without the
  /// folder's name, the text stays the same if the images lie in another folder.
  package var imageReason: String { isMissing ? "the file is missing" : reason }
}

extension FeatureError {
  /// The error for an image that cannot be read.
  static func ofImage(_ path: String, _ reason: UnreadableReason) -> FeatureError {
    switch reason {
    case .file(let error): .unreadableFile(path: path, error)
    case .content(let text): .unreadable(path: path, reason: text)
    }
  }

  /// The result of `body`. An error of `body` becomes ``backbone(_:)``.
  static func mapping<Result>(_ body: () throws(BackboneError) -> Result) throws(FeatureError) -> Result {
    do { return try body() } catch { throw .backbone(error) }
  }
}
