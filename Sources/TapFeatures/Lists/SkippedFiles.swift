import TapFileSystem
import TapFormats
import TapImages

// What lies in a folder of images: first bytes decide. A file whose name ends like an image is taken for one and said to be
// unreadable if it is none; any other file is looked into.

/// What the beginning of a file says that it is.
enum FileKind {
  /// JPEG or PNG, or called so.
  case image
  /// A picture of another format, a film, or nobody knows.
  case foreign
  /// Text and other data, which nobody takes for pictures.
  case data

  /// Endings of pictures, whatever the bytes say: a Git LFS pointer is text.
  private static let pictures: Set<String> = [
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
      self = isData && !Self.pictures.contains(ending) ? .data : .foreign
    }
  }

  private static func isText(_ bytes: [UInt8]) -> Bool {
    bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || [0x09, 0x0A, 0x0D].contains($0) }
  }
}

/// Files of a folder that are passed over, since they hold neither JPEG nor PNG.
public struct SkippedFiles: Hashable, Sendable {
  private var byEnding: [ByteKey: Int] = [:]
  /// Whether some may be pictures: data such as tables and notes belong to no list, and nobody need be told.
  private(set) var mayBePictures = false

  /// None.
  public init() {}

  /// How many there are.
  public var count: Int { byEnding.values.reduce(0, +) }

  /// How many there are of each ending, `.webp` or nothing, the most frequent first, of equals by bytes.
  public var endings: [(ending: String, count: Int)] {
    byEnding.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key.text, $0.value) }
  }

  mutating func add(_ path: String, _ kind: FileKind) {
    let ending = FileSystem.fileExtension(of: path)
    byEnding[ByteKey(ending.isEmpty ? "" : "." + ending), default: 0] += 1
    if case .foreign = kind { mayBePictures = true }
  }

  /// `6 .webp, 1 without an ending`.
  package var text: String {
    endings.map { "\($0.count) \($0.ending.isEmpty ? "without an ending" : $0.ending)" }.joined(
      separator: ", ")
  }

  /// A line about them; nil where there is nothing to say.
  var remark: String? {
    guard mayBePictures else { return nil }
    return
      "\(count == 1 ? "1 file is" : "\(count) files are") neither JPEG nor PNG and left out (\(text)): convert pictures to one "
      + "of the two, or leave files out by --exclude"
  }
}
