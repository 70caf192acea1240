// Images as `extract` and `doctor` take them: folders and files, or a list of images, with or without labels.

import LayerTap
import TapFileSystem

/// Images on the command line.
enum ImageArguments {
  static let images = Parameter<[String]>.positionals(
    "images", .file, isRequired: false,
    help: """
      Folders of images (one folder a class, or train/, val/ and test/ above them), image files and tar files; or a list of \
      them (.csv, .tsv, .jsonl, .txt; '-': standard input).
      """
  ).unless("labels")

  static let labels = Parameter<String?>.optional(
    "labels", .file, valueName: "file",
    topic: .data, isCommon: true,
    help: """
      A list of the images (.csv, .tsv, .jsonl; '-': standard input): path, and label, split and group if wanted. Paths \
      are relative to the folder <images> if one is given, else to the list's.
      """
  ).alias("manifest")

  /// Lists the images that the arguments name. Prints the warnings about the list.
  ///
  /// - Parameters:
  ///   - arguments: the arguments of a command that declares `images`, `labels` and `Options.lists`.
  ///   - keepsRows: whether repeated rows of a manifest and the manifest's own columns are kept.
  /// - Throws: ``UsageError`` if the arguments name neither images nor a manifest, or both; ``FeatureError`` for lists
  /// without images.
  static func list(
    _ arguments: ParsedArguments, _ console: Console, keepsRows: Bool = false
  ) throws -> ImageList {
    let settings = try Options.lists.value(arguments)
    let list =
      try manifest(arguments).map { manifest, folder in
        try ImageList(
          manifest: manifest, folder: folder, settings, allowsRepeats: keepsRows, notesOwnColumns: !keepsRows)
      } ?? ImageList(paths: arguments[images], settings)
    for warning in list.warnings { try console.warn(warning) }
    return list
  }

  /// The manifest that the arguments name, alone or with `--labels`, and the folder of the manifest's paths. The value
  /// is nil if the arguments name images.
  static func manifest(_ arguments: ParsedArguments) throws -> (path: String, folder: String?)? {
    let paths = arguments[images]
    guard let labels = arguments[labels] else {
      guard let first = paths.first else { throw UsageError.missingArgument("<images> ...") }
      return paths.count == 1 && ImageList.isManifestFile(first) ? (first, nil) : nil
    }
    guard paths.count <= 1, paths.allSatisfy(FileSystem.isDirectory) else {
      throw UsageError.contradiction(
        "With '--labels <file>' the only <images> may be the folder that its paths are relative to")
    }
    return (labels, paths.first)
  }
}
