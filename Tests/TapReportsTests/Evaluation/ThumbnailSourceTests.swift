import TapFeatures
import TapFileSystem
import TapFormats
import TapImages
import TapReports
import TapTraining
import TestSupport
import Testing

/// Images for reports: if a file is missing or damaged, the report says so, and there is no error.
struct ThumbnailSourceTests {
  private func item(_ path: String, _ content: [UInt8]) -> LabeledFeatures.Item {
    LabeledFeatures.Item(
      ImageItem(path: path, label: "a"), row: 0, contentHash: SHA256.hash(content).hex)
  }

  private func absence(_ path: String, _ content: [UInt8] = [], in source: ThumbnailSource) -> String? {
    if case .absent(let reason) = source.image(of: item(path, content)) { reason } else { nil }
  }

  @Test func imagesAreFoundSmallAndUpright() throws {
    try withTemporaryFolder { folder in
      let wide = generatedPNG(width: 300, height: 100, seed: 1)
      try AtomicWriter.replace(folder + "/wide.png", with: wide)
      let source = ThumbnailSource(folder: folder, store: nil)
      guard case .found(let thumbnail, nil) = source.image(of: item("wide.png", wide)) else {
        Issue.record("not found")
        return
      }
      #expect(thumbnail.width == 128 && thumbnail.height == 43)
      #expect(try ImageDecoder.decode(thumbnail.jpeg).height == 43)
      // A path of a list without a folder is absolute or relative to the working folder.
      #expect(absence(folder + "/wide.png", wide, in: ThumbnailSource(folder: "", store: nil)) == nil)
    }
  }

  @Test func whatCannotBeShownSaysWhy() throws {
    try withTemporaryFolder { folder in
      try AtomicWriter.replace(folder + "/text.jpg", with: "Not found")
      try FileSystem.createDirectories(folder + "/folder.jpg")
      let source = ThumbnailSource(folder: folder, store: nil)
      #expect(absence("gone.jpg", in: source) == "the file is gone or cannot be read")
      #expect(absence("folder.jpg", in: source) == "the file is gone or cannot be read")
      #expect(absence("zero\0byte.jpg", in: source) == "the file is gone or cannot be read")
      let text = Array("Not found".utf8)
      #expect(absence("text.jpg", text, in: source)?.hasPrefix("not an image") == true)
      #expect(absence("text.jpg", in: source) == "the file has changed since")
      let nowhere = ThumbnailSource(folder: nil, store: nil)
      #expect(absence("x.jpg", in: nowhere) == "the place of the image is not known")
    }
  }
}
