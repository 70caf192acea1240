// The kinds of files in a folder of images. A file with an image's extension counts as an image and is reported as
// unreadable if it is none; the first bytes of any other file decide.

import TapFileSystem
import TapFormats
import TapImages

/// The kind of a file by its first bytes.
enum FileContentKind {
  /// JPEG or PNG, or named so.
  case image
  /// An image of another format, a film, or unknown.
  case foreign
  /// Text and other data, which are certainly no images.
  case data

  /// Extensions of images, whatever the bytes are: a Git LFS pointer is text.
  private static let images: Set<String> = [
    "webp", "gif", "bmp", "tif", "tiff", "heic", "heif", "avif", "jp2", "j2k", "jxl", "jfif", "jpe", "mpo",
    "ico", "psd", "ppm",
    "pgm", "pnm", "tga", "dng", "cr2", "cr3", "nef", "arw", "orf", "rw2", "raf", "dcm", "exr", "hdr", "svg",
  ]
  private static let dataEndings: Set<String> = [
    "txt", "csv", "tsv", "xml", "json", "jsonl", "yaml", "yml", "md", "html", "db", "ini", "npy", "npz",
    "mat", "pkl",
    "safetensors", "layertap",
  ]

  /// - Parameter path: a regular file.
  init(_ path: String) {
    let ending = FileSystem.fileExtension(of: path)
    if ["jpg", "jpeg", "png"].contains(ending) {
      self = .image
      return
    }
    let beginning = (try? File(reading: path).read(at: 0, count: 512)) ?? []
    do throws(ImageError) {
      _ = try ImageFormat.detect(beginning)
      self = .image
    } catch .unsupportedFormat(_) {
      self = .foreign
    } catch {
      let isData = Self.dataEndings.contains(ending) || Self.isText(beginning)
      self = isData && !Self.images.contains(ending) ? .data : .foreign
    }
  }

  private static func isText(_ bytes: [UInt8]) -> Bool {
    bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || [0x09, 0x0A, 0x0D].contains($0) }
  }
}

/// Files of a folder that are skipped, since they hold neither JPEG nor PNG.
public struct SkippedFiles: Hashable, Sendable {
  private var byEnding: [ByteKey: Int] = [:]
  /// Whether some may be images: data such as tables and notes belong to no list and need no warning.
  private(set) var mayBeImages = false

  /// None.
  public init() {}

  /// Their number.
  public var count: Int { byEnding.values.reduce(0, +) }

  /// The number of files of each extension (`.webp`, or empty), in decreasing order, ties by the bytes of the
  /// extension.
  public var endings: [(ending: String, count: Int)] {
    byEnding.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key.text, $0.value) }
  }

  mutating func add(_ path: String, _ kind: FileContentKind) {
    let ending = FileSystem.fileExtension(of: path)
    byEnding[ByteKey(ending.isEmpty ? "" : "." + ending), default: 0] += 1
    if case .foreign = kind { mayBeImages = true }
  }

  /// `6 .webp, 1 without an ending`.
  package var text: String {
    endings.map { "\($0.count) \($0.ending.isEmpty ? "without an ending" : $0.ending)" }.joined(
      separator: ", ")
  }

  /// A line about them; nil where none is needed.
  var warning: String? {
    guard mayBeImages else { return nil }
    return
      "\(count == 1 ? "1 file is" : "\(count) files are") neither JPEG nor PNG and left out (\(text)): convert images to one "
      + "of the two, or leave files out by --exclude"
  }
}
