// Images as `extract` and `doctor` take them: folders and files, or a CSV that lists them, with labels or without.

import LayerTap
import TapFileSystem

/// Images on the command line.
enum ImageArguments {
  static let images = Parameter<[String]>.positionals(
    "images", .text, isRequired: false,
    help: "Folders of images (one folder a class, or train/, val/ and test/ above them) and image files."
  ).unless("labels")

  static let labels = Parameter<String?>.optional(
    "labels", .text, valueName: "file",
    help: """
      A CSV that lists the images: path, and label, split and group if wanted. Paths are relative to the \
      folder <images> if one is given, else to the CSV's.
      """
  ).alias("manifest")

  /// - Throws: ``UsageError`` for neither or both; ``FeatureError`` for lists without images.
  static func list(_ arguments: ParsedArguments) throws -> ImageList {
    let paths = arguments[images]
    guard let labels = arguments[labels] else {
      guard !paths.isEmpty else { throw UsageError.missingArgument("<images> ...") }
      return try ImageList(paths: paths)
    }
    guard paths.count <= 1, paths.allSatisfy(FileSystem.isDirectory) else {
      throw UsageError.contradiction(
        "With '--labels <file>' the only <images> may be the folder that its paths are relative to")
    }
    return try ImageList(manifest: labels, folder: paths.first)
  }
}
