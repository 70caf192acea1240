// An examination agrees with the extractor's features, on images whose classes are colors.

import TapArchitectures
import TapBackbone
import TapComparison
import TapFeatures
import TapFileSystem
import TapImages
import TapProvenance
import TapReports
import TestSupport
import Testing

struct PreprocessingDoctorTests {
  static let fixtures = Repository.path("Tests/Reference/images/fixtures")

  /// Writes two class folders: images of red noise and images of blue noise.
  static func writeColors(in folder: String, perClass: Int = 10) throws {
    var numbers = Congruential(state: 7)
    for (name, channel) in [("red", 0), ("blue", 2)] {
      try FileSystem.createDirectories("\(folder)/\(name)")
      for number in 0..<perClass {
        var pixels = [UInt8](repeating: 0, count: 3 * 40 * 48)
        for index in pixels.indices {
          pixels[index] = UInt8(numbers.next() >> 58) + (index % 3 == channel ? 190 : 0)
        }
        let image = RGBImage(width: 40, height: 48, pixels: pixels)
        try AtomicWriter.replace("\(folder)/\(name)/\(number).jpg", with: JPEGEncoder.encode(image))
      }
    }
  }

  static func doctor() throws -> PreprocessingDoctor {
    let backbone = try Architectures.seeded("resnet20_cifar10", seed: 3)
    return PreprocessingDoctor(
      backbone, columns: try backbone.columns(layers: ["penultimate"], poolings: [.avg]))
  }

  static func finding(_ options: String, in examination: PreprocessingDiagnosis) throws
    -> PreprocessingDiagnosis.Finding
  {
    try #require(examination.columns[0].findings.first { $0.variant.options == options })
  }

  @Test func swappedChannelsSwapTheClasses() throws {
    try withTemporaryFolder { folder in
      try Self.writeColors(in: folder)
      let examination = try Self.doctor().examine(ImageList(paths: [folder]))
      #expect(examination.images.count == 20 && examination.unreadable.isEmpty)
      let column = examination.columns[0]
      #expect(column.accuracy?.successes == 20 && column.accuracy?.count == 20)
      let swapped = try Self.finding("--channels bgr", in: examination)
      #expect(swapped.touched == 20)
      #expect(swapped.mismatched?.accuracy.successes == 0 && swapped.mismatched?.gain == -100)
      #expect(swapped.retrained?.accuracy.successes == 20 && swapped.retrained?.gain == 0)
      #expect(column.findings.map(\.meanMovement) == column.findings.map(\.meanMovement).sorted(by: >))
      // The images are upright PNG files without transparency, so these changes touch none of them.
      for options in ["--orientation ignore", "--alpha drop", "--decode fast"] {
        let finding = try Self.finding(options, in: examination)
        #expect(finding.touched == 0 && finding.movement == nil && finding.meanMovement == 0)
        #expect(finding.mismatched?.gain == 0)
      }
      let text = examination.text
      #expect(text.contains("--channels bgr: moves features by"))
      #expect(text.contains("a model trained as now would lose 100.0 points\n"))
      #expect(
        text.contains(
          "--alpha drop: no difference to any of these images"))
      #expect(text.contains("Trained and tested alike, no change is better than what is done now"))
    }
  }

  /// The movements are differences of features that the extractor computes. The number of threads changes nothing.
  @Test(arguments: ["--channels bgr", "--resize squash", "--orientation ignore", "--alpha drop"])
  func movementsAreThoseOfTheFeatures(options: String) throws {
    try withTemporaryFolder { folder in
      try FileSystem.createDirectories(folder + "/images")
      for name in [
        "exif-6.jpg", "exif-8.jpg", "jpeg-64x48.jpg", "jpeg-ycck.jpg", "png-rgb-alpha.png", "png-rgb.png",
      ] {
        try AtomicWriter.replace(
          "\(folder)/images/\(name)", with: FileSystem.read("\(Self.fixtures)/\(name)"))
      }
      let list = try ImageList(paths: [folder + "/images"])
      var doctor = try Self.doctor()
      let examination = try doctor.examine(list)
      doctor.threads = 1
      #expect(
        try doctor.examine(list).json(warnings: []).canonical == examination.json(warnings: []).canonical)
      let finding = try Self.finding(options, in: examination)

      func features(_ preprocessing: Preprocessing) throws -> [[Double]] {
        var backbone = doctor.backbone
        backbone.preprocessing = preprocessing
        let extraction = try FeatureExtractor(backbone: backbone, columns: doctor.columns).extract(
          list, into: folder + "/store")
        let matrix = try extraction.store.matrix(doctor.columns[0])
        return extraction.items.map { item in
          matrix.withRow(item.row ?? 0) { row in row.indices.map { Double(row[$0]) } }
        }
      }
      let before = try features(doctor.backbone.preprocessing)
      let after = try features(finding.variant.preprocessing)
      let movements = zip(before, after).compactMap { f, g -> Double? in
        if f == g { return nil }
        let squares = zip(f, g).map { ($1 - $0) * ($1 - $0) }
        return (squares.reduce(0, +) / f.map { $0 * $0 }.reduce(0, +)).squareRoot()
      }.sorted()
      #expect(finding.touched == movements.count)
      #expect(finding.touched == (options == "--orientation ignore" ? 2 : options == "--alpha drop" ? 1 : 6))
      let middle = [movements[(movements.count - 1) / 2], movements[movements.count / 2]]
      let median = try #require(finding.movement?.median)
      #expect(abs(median - (middle[0] + middle[1]) / 2) < 1e-9)
      #expect(abs(finding.meanMovement - movements.reduce(0, +) / 6) < 1e-9)
    }
  }

  @Test func testImagesAreLeftAlone() throws {
    try withTemporaryFolder { folder in
      try Self.writeColors(in: folder + "/train", perClass: 4)
      try Self.writeColors(in: folder + "/test", perClass: 3)
      try AtomicWriter.replace(folder + "/test/red/0.jpg", with: "never read")
      let examination = try Self.doctor().examine(ImageList(paths: [folder]))
      #expect(examination.testImages == 6 && examination.images.count == 8)
      #expect(examination.unreadable.isEmpty && examination.images.allSatisfy { $0.split == .train })
      #expect(examination.text.contains("6 test images are not looked at"))
    }
  }

  @Test func withoutAccuraciesItSaysWhy() throws {
    try withTemporaryFolder { folder in
      try Self.writeColors(in: folder + "/flat", perClass: 2)
      let flat = try Self.doctor().examine(ImageList(paths: [folder + "/flat/red"]))
      #expect(flat.measurement == .failure(.unlabeled) && flat.columns[0].accuracy == nil)
      #expect(flat.text.contains("With labels (one folder a class, or --labels)"))
      try AtomicWriter.replace(folder + "/flat/blue/0.jpg", with: "broken")
      let single = try Self.doctor().examine(ImageList(paths: [folder + "/flat"]))
      #expect(
        single.measurement == .failure(.tooFewClasses) && single.unreadable.map(\.path) == ["blue/0.jpg"])
      #expect(single.text.contains("two classes with two images each"))
      #expect(single.columns[0].findings.allSatisfy { $0.mismatched == nil })
    }
  }
}
