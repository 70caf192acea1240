// The kinds of files in a folder of images. A file with the extension of an image counts as an image; if it holds no
// image, the file is reported as unreadable. For any other file, the first bytes decide.

import TapFileSystem
import TapFormats
import TapImages

/// The kind of a file, determined by its first bytes.
enum FileContentKind {
  /// A JPEG or PNG, or a file with the extension of an image.
  case image
  /// An image of another format, a film, or a file of unknown format.
  case foreign
  /// Text or other data that is certainly no image.
  case data

  /// Extensions of images. A file with such an extension counts as an image even if it holds text, like a Git LFS
  /// pointer.
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
    self.init(named: path) { (try? File(reading: path).read(at: 0, count: 512)) ?? [] }
  }

  /// - Parameter beginning: reads the first 512 bytes of the file.
  init(named name: String, beginning: () -> [UInt8]) {
    let ending = FileSystem.fileExtension(of: name)
    if ["jpg", "jpeg", "png"].contains(ending) {
      self = .image
      return
    }
    let beginning = beginning()
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

/// Files of a folder that are skipped because they hold neither JPEG nor PNG.
public struct SkippedFiles: Hashable, Sendable {
  private var byEnding: [ByteKey: Int] = [:]
  /// Whether some skipped files may be images. Data such as tables and notes need no warning.
  private(set) var mayBeImages = false

  /// Creates an empty count.
  public init() {}

  /// The number of skipped files.
  public var count: Int { byEnding.values.reduce(0, +) }

  /// The number of files of each extension, in decreasing order. An extension begins with a dot, as in `.webp`, or is
  /// empty. Extensions with equal numbers are sorted by their bytes.
  public var endings: [(ending: String, count: Int)] {
    byEnding.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key.text, $0.value) }
  }

  mutating func add(_ path: String, _ kind: FileContentKind) {
    let ending = FileSystem.fileExtension(of: path)
    byEnding[ByteKey(ending.isEmpty ? "" : "." + ending), default: 0] += 1
    if case .foreign = kind { mayBeImages = true }
  }

  /// The numbers as text: `6 .webp, 1 without an ending`.
  package var text: String {
    endings.map { "\($0.count) \($0.ending.isEmpty ? "without an ending" : $0.ending)" }.joined(
      separator: ", ")
  }

  /// A warning about the skipped files; nil if no warning is needed.
  var warning: String? {
    guard mayBeImages else { return nil }
    return
      "\(count == 1 ? "1 file is" : "\(count) files are") neither JPEG nor PNG and left out (\(text)): convert images to one "
      + "of the two, or leave files out by --exclude"
  }
}
