// The files of explained images, for `explain` and for `predict --explain`.

import LayerTap
import Synchronization
import TapFileSystem
import TapReports

/// A folder for the heat maps and numbers of explained images.
final class ExplanationFolder: Sendable {
  /// The longest name of an image, in bytes, that a file's name keeps whole. File systems allow 255 bytes.
  private static let longestName = 200

  private let path: String
  /// For each name in lower case, the number that follows the next file with this name.
  private let taken = Mutex<[String: Int]>([:])

  /// Creates the folder if it does not exist.
  ///
  /// - Parameters:
  ///   - option: the option that names the folder, for messages.
  ///   - images: the images that the command reads.
  /// - Throws: ``UsageError`` if an image is in the folder, because a file could replace it; ``FileSystemError`` if no
  ///   file can be written.
  init(_ path: String, option: String, apartFrom images: [String]) throws {
    if FileSystem.isDirectory(path), let image = images.first(where: { FileSystem.contains($0, in: path) }) {
      throw UsageError.contradiction(
        "'\(option)' would write into \(path), from which this command reads \(image): choose another folder")
    }
    if FileSystem.exists(path), !FileSystem.isDirectory(path) { throw FileSystemError.notAFile(path) }
    try FileSystem.createDirectories(path)
    try FileSystem.requireWritable(FileSystem.join(path, "explanation.json"))
    self.path = path
  }

  /// Writes the files of one image. They have the image's name without its ending. If an earlier image has this name, a
  /// number follows: `photo-2.png`.
  func write(_ report: ExplanationReport, of image: String, crop: RGBImage) throws {
    for file in try report.files(named: name(for: image), crop: crop) {
      try AtomicWriter.replace(FileSystem.join(path, file.name), with: file.bytes)
    }
  }

  /// The name of the files of an image, without their endings. Names differ even if case is ignored.
  private func name(for image: String) -> String {
    let whole = FileSystem.withoutExtension(FileSystem.name(of: image))
    var base = whole.utf8.count > Self.longestName ? "" : whole
    if base.isEmpty {
      for character in whole.unicodeScalars {
        guard base.utf8.count + 4 <= Self.longestName else { break }
        base.unicodeScalars.append(character)
      }
    }
    return taken.withLock { taken in
      var name = base
      var number = taken[base.lowercased()] ?? 1
      while taken[name.lowercased()] != nil {
        number += 1
        name = "\(base)-\(number)"
      }
      taken[base.lowercased()] = number
      taken[name.lowercased()] = taken[name.lowercased()] ?? 1
      return name
    }
  }
}

/// Explains images, and keeps the network's input of each image for its heat map.
struct ExplainedImages: ImageAnswering {
  let explainer: ImageExplainer
  /// Whether heat maps are drawn.
  let keepsCrops: Bool

  /// An explanation, and the network's square input.
  struct Answer: Sendable {
    let explained: ImageExplanation
    let crop: RGBImage?
  }

  var computation: any RowComputation { explainer.computation }

  func answer(row: Span<Float>, of image: ImageContents) throws(ClassifierError) -> Answer {
    Answer(
      explained: try explainer.answer(row: row, of: image),
      crop: try keepsCrops ? explainer.crop(of: image) : nil)
  }
}
