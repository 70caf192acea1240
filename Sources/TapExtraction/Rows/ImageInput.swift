// An image from any source: a file, the bytes of a file, or pixels.

import TapFileSystem
import TapFormats
import TapImages

/// An image to compute features of.
public enum ImageInput: Hashable, Sendable {
  /// The path of a JPEG or PNG file.
  case file(String)
  /// The bytes of a JPEG or PNG file.
  case encoded([UInt8])
  /// Upright sRGB pixels.
  case pixels(RGBImage)
}

extension [ImageInput] {
  /// The images in the files of these paths.
  public static func files(_ paths: [String]) -> [ImageInput] { paths.map { .file($0) } }

  /// Images in memory, each as the bytes of a JPEG or PNG file.
  public static func encoded(_ files: [[UInt8]]) -> [ImageInput] { files.map { .encoded($0) } }

  /// Images in memory, each as upright sRGB pixels.
  public static func pixels(_ images: [RGBImage]) -> [ImageInput] { images.map { .pixels($0) } }
}

extension ImageInput {
  /// The path of a file. For an image in memory, the name is its place counted from 0, such as `image 3`.
  package func name(at index: Int) -> String {
    if case .file(let path) = self { path } else { Self.name(inMemory: index) }
  }

  /// The name of an image in memory.
  package static func name(inMemory index: Int) -> String { "image \(index)" }

  /// The contents of the image, read into memory but not yet decoded.
  package func contents() throws(FileSystemError) -> ImageContents {
    switch self {
    case .file(let path): .encoded(try FileSystem.readFile(path, atMost: ImageDecoder.maximumBytes))
    case .encoded(let bytes): .encoded(bytes)
    case .pixels(let image): .pixels(image)
    }
  }
}

/// An image in memory.
package enum ImageContents: Sendable {
  /// A JPEG or PNG file.
  case encoded([UInt8])
  /// Upright sRGB pixels.
  case pixels(RGBImage)

  /// The key of the image's features: the SHA-256 of a file's bytes, or of the width, height and samples of pixels.
  package var digest: Digest {
    switch self {
    case .encoded(let bytes): return SHA256.hash(bytes)
    case .pixels(let image):
      var hash = SHA256()
      hash.update(Array("RGB8 \(image.width) \(image.height)\n".utf8))
      hash.update(image.pixels)
      return hash.finalize()
    }
  }
}

extension RowWorker {
  /// Prepares an image as number `slot` of the batch.
  package func load(_ image: ImageContents, slot: Int) throws(ImageError) {
    switch image {
    case .encoded(let bytes): try load(file: bytes, slot: slot)
    case .pixels(let image): try load(image, slot: slot)
    }
  }
}
