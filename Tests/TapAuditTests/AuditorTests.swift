// An audit of a small table finds what was put into it.

import FoundationEssentials
import TapAudit
import TapFormats
import TapImages
import TapReports
import TapTensors
import TapTraining
import TestSupport
import Testing
import TrainingSupport

struct AuditorTests {
  /// Rows of three classes, and further rows.
  struct Table {
    var features: [[Float]] = []
    var lines: [[String]] = []

    init(_ count: Int, splits: [String] = ["train"]) {
      let elements = TrainingFixtures.features(count)
      for row in 0..<count {
        // The fixture has two overlapping classes. Here all classes are apart.
        var values = Array(elements[(4 * row)..<(4 * row + 4)])
        if row % 3 == 1 { values[2] += 6 }
        add(values.map { $0 + 0.5 }, "row\(row)", ["a", "b", "c"][row % 3], splits[row % splits.count])
      }
    }

    mutating func add(_ values: [Float], _ path: String, _ label: String, _ split: String, group: String = "") {
      features.append(values)
      lines.append([path, label, split, group])
    }

    /// The rows as labeled features.
    var data: LabeledFeatures {
      get throws {
        try withTemporaryFolder { folder in
          let encoded = NPY.encode(features.flatMap(\.self), shape: [features.count, features[0].count])
          try Data(encoded).write(to: URL(filePath: folder + "/X.npy"))
          let table = CSV.line(["path", "label", "split", "group"]) + lines.map(CSV.line).joined()
          try Data(table.utf8).write(to: URL(filePath: folder + "/X.csv"))
          return try LabeledFeatures(matrix: folder + "/X.npy")
        }
      }
    }

    func audit(
      threshold: Double = 0.999_999, topics: Set<Audit.Topic> = Set(Audit.Topic.allCases),
      summaries: [ImageSummary?]? = nil
    ) throws -> Audit {
      var auditor = Auditor(threads: 2)
      auditor.threshold = threshold
      auditor.topics = topics
      return try auditor.audit(data, summaries: summaries)
    }
  }

  @Test func cleanDataHaveNoFindings() throws {
    let audit = try Table(60).audit()
    #expect(audit.findings.isEmpty && audit.images == 60 && audit.classes == 3 && audit.worth == nil)
    #expect(try #require(audit.labels).judged == 60 && audit.splits.map(\.count) == [60])
    #expect(audit.text.hasPrefix("60 images in 3 classes (60 train): nothing found\nabout 0 of 60 labels"))
  }

  @Test func copiesConflictsAndLeaksAreNamed() throws {
    var table = Table(60)
    table.add(table.features[0], "copy", "a", "train")
    table.add(table.features[1], "quarrel", "c", "train")
    table.add(table.features[2], "leaked", "c", "test", group: "film")
    table.add(table.features[5].map { 2 * $0 }, "near", "c", "test")
    table.add(table.features[8].map { 2 * $0 }, "same side", "c", "train", group: "film")
    let audit = try table.audit()
    func pairs(_ kind: Audit.Kind) -> [[String]] { audit.findings(kind).map { [$0.path, $0.other] } }
    #expect(pairs(.duplicate) == [["copy", "row0"], ["quarrel", "row1"]])
    #expect(pairs(.conflict) == [["quarrel", "row1"]])
    #expect(pairs(.leak) == [["leaked", "row2"]])
    #expect(pairs(.nearLeak) == [["near", "row5"]])
    #expect(pairs(.nearDuplicate) == [["same side", "row8"]])
    #expect(pairs(.groupLeak) == [["leaked", "same side"]])
    #expect(audit.findings(.groupLeak).map(\.group) == ["film"])
    #expect(audit.pairs?.near == 2 && audit.pairs?.groups == 5)
    // The content with two labels is left out of the judgment, and copies count once.
    #expect(audit.labels?.judged == 61)
    let worth = try #require(audit.worth)
    #expect(worth.all.count == 2 && worth.near.count == 2 && worth.others.count == 0)
    #expect(audit.csv.hasPrefix("kind,path,other,label,suggested,group,found,score\nconflict,quarrel,row1,c,b,,,\n"))
    let records = try CSV.parse(audit.csv)
    #expect(records.count == 1 + audit.findings.count && records.allSatisfy { $0.count == 8 })
    #expect(audit.text.contains("\nnear-leak:\n  1.000  near ~ row5\n"))
  }

  /// A pair names the searches that found it: features, hashes, hashes of a mirrored image.
  @Test func pairsNameWhatFoundThem() throws {
    var table = Table(60)
    table.add(table.features[5].map { 2 * $0 }, "both", "c", "train")
    table.add(table.features[8].map { 2 * $0 }, "only features", "c", "train")
    table.add([9, -9, 9, -9], "only hash", "a", "test")
    table.add([-9, 9, 9, -9], "mirrored", "a", "train")
    func image(_ seed: Int) throws -> RGBImage {
      try ImageDecoder.decode(generatedPNG(width: 40, height: 30, seed: seed))
    }
    func summary(_ image: RGBImage) throws -> ImageSummary { try ImageSummary(PNGEncoder.encode(image)) }
    var summaries = try (0..<60).map { try summary(image($0)) as ImageSummary? }
    summaries += [try summary(image(5)), try summary(image(99)), try summary(image(7))]
    summaries += [try summary(Orientation.mirrored.upright(image(9)))]
    let audit = try table.audit(summaries: summaries)
    func pairs(_ kind: Audit.Kind) -> Set<[String]> {
      Set(audit.findings(kind).map { [$0.path, $0.other, $0.finders.text] })
    }
    #expect(
      pairs(.nearDuplicate) == [
        ["both", "row5", "features+hash"], ["only features", "row8", "features"],
        ["mirrored", "row9", "mirrored-hash"],
      ])
    #expect(pairs(.nearLeak) == [["only hash", "row7", "hash"]])
    #expect(audit.pairs?.near == 4 && audit.pairs?.hashDistance == Auditor.usualHashDistance)
    #expect(audit.text.contains("  only hash ~ row7 (hash)\n"))
  }

  /// The findings of some topics are those of an audit of all topics.
  @Test(arguments: Audit.Topic.allCases)
  func oneTopicHasItsFindings(topic: Audit.Topic) throws {
    var table = Table(60)
    table.lines[30][1] = "b"
    table.add(table.features[0], "copy", "a", "train")
    table.add(table.features[1], "quarrel", "c", "test", group: "film")
    table.add(table.features[5].map { 2 * $0 }, "near", "c", "test")
    table.add(table.features[8].map { 2 * $0 }, "same side", "c", "train", group: "film")
    table.add([9, -9, 9, -9], "alone", "d", "train")
    let (all, one) = (try table.audit(), try table.audit(topics: [topic]))
    #expect(one.findings == all.findings.filter { $0.kind.topic == topic })
    #expect(!one.findings.isEmpty || topic == .image)
    #expect((one.labels == nil) == (topic != .label) && (one.worth == nil) == (topic != .leak))
    #expect((one.pairs == nil) == ![.leak, .duplicate].contains(topic))
    #expect(one.text.contains("labels are") == (topic == .label))
  }

  @Test func wrongLabelsAreNamedWithTheirCopies() throws {
    var table = Table(90)
    table.lines[30][1] = "b"
    table.lines[31][1] = "c"
    table.add(table.features[30], "copy", "b", "train")
    let found = try table.audit().findings(.label)
    #expect(Set(found.prefix(3).map(\.path)) == ["row30", "row31", "copy"])
    #expect(found.first { $0.path == "row30" }?.suggestion == "a")
    #expect(found.first { $0.path == "row31" }?.suggestion == "b" && found.allSatisfy { ($0.score ?? 1) < 0.5 })
  }

  /// Test images that have a copy among the training images are right, and the others are not.
  @Test func worthSeparatesTestImages() throws {
    var table = Table(60)
    for row in 0..<12 { table.add(table.features[row], "copy\(row)", ["a", "b", "c"][row % 3], "test") }
    for row in 12..<18 {
      table.add(table.features[row].map { $0 + 0.01 * Float(row) }, "new\(row)", ["b", "c", "a"][row % 3], "test")
    }
    let worth = try #require(try table.audit().worth)
    #expect(worth.near.count == 12 && worth.near.successes == 12)
    #expect(worth.others.count == 6 && worth.others.successes == 0)
    #expect(worth.all.count == 18 && worth.all.successes == 12)
  }

  @Test func rareClassesAndSingleImages() throws {
    var table = Table(60)
    table.add([9, -9, 9, -9], "alone", "d", "train")
    let audit = try table.audit()
    #expect(audit.findings(.imbalance).map(\.label) == ["d"] && audit.findings(.imbalance)[0].score == 20)
    #expect(audit.labels?.skipped == ["d"] && audit.labels?.judged == 60)
    #expect(audit.warnings.count == 1)
  }

  /// The audit in short counts likely wrong labels and copies, and says nothing about clean data.
  @Test func anAuditInShortSaysWhatWasFound() throws {
    #expect(try Table(60).audit().brief.isEmpty)
    var table = Table(90)
    table.lines[30][1] = "b"
    table.lines[31][1] = "c"
    #expect(try table.audit().brief == ["about 2 of 90 labels are wrong ('layertap audit' names them)"])
    table.add(table.features[0], "copy", "a", "train")
    table.add(table.features[5].map { 2 * $0 }, "near", "c", "test")
    table.add(table.features[8].map { $0 + 0.01 }, "new", "a", "test")
    #expect(
      try table.audit().brief == [
        "about 3 of 92 labels are wrong",
        "1 image is equal or nearly equal to images of another split (100.0 % of such test images are right, 0.0 % of the "
          + "others); 1 image is equal or nearly equal to images of the same split ('layertap audit' names them)",
      ])
  }

  /// An audit in short finds exact copies in a bare matrix, and no nearly equal rows. It needs 100 rows.
  @Test func anAuditInShortOfAMatrix() throws {
    var table = Table(98)
    table.lines[30][1] = "b"
    table.add(table.features[0], "copy", "a", "test")
    #expect(Auditor.brief(try table.data, threads: 2) == nil)
    table.add(table.features[5].map { 2 * $0 }, "near", "c", "test")
    let audit = try #require(Auditor.brief(table.data, threads: 2))
    #expect(audit.findings.map(\.kind) == [.label, .leak] && audit.findings[0].path == "row30")
    #expect(audit.brief.count == 2 && audit.brief[0] == "about 1 of 99 labels are wrong")
    #expect(audit.brief[1].hasPrefix("1 image is equal or nearly equal to images of another split (100.0 % of "))
    // The other rows have a copy in their own split, which does not count if rows are in groups.
    table.add(table.features[6], "same split", "a", "train")
    #expect(Auditor.brief(try table.data, threads: 2)?.findings(.duplicate).count == 1)
    table.lines[6][3] = "film"
    #expect(Auditor.brief(try table.data, threads: 2)?.findings(.duplicate).count == 0)
    table.features[4][2] = .infinity
    #expect(Auditor.brief(try table.data, threads: 2) == nil)
  }

  /// In sums of columns, planted wrong labels are found and counted nearly as in all columns.
  @Test func anAuditInShortJudgesSumsOfColumns() throws {
    var numbers = XorShift(seed: 6)
    let (count, columns, classes) = (600, 700, 6)
    let centers = (0..<classes).map { _ in (0..<columns).map { _ in max(0, numbers.normal()) } }
    var table = Table(0)
    for row in 0..<count {
      let label = row % 10 == 0 ? row % classes + 1 : row % classes
      table.add(
        centers[row % classes].map { Float(max(0, $0 + 2 * numbers.normal())) }, "row\(row)",
        "class \(label % classes)", "train")
    }
    let whole = try #require(try table.audit(topics: [.label]).labels)
    let short = try #require(Auditor.brief(table.data, threads: 2)?.labels)
    for labels in [whole, short] {
      #expect(labels.judged == count && labels.estimate > 45 && labels.estimate < 75)
      let found = labels.all.prefix(60).count { judged in (Int(judged.path.dropFirst(3)) ?? 1) % 10 == 0 }
      #expect(found > 50)
    }
  }

  @Test func sumsOfColumnsKeepInnerProducts() {
    var numbers = XorShift(seed: 9)
    let columns = 1500
    let rows = MatrixView(
      rows: 8, columns: columns,
      elements: (0..<8 * columns).map { _ in Float(max(0, numbers.normal())) })
    func inner(_ matrix: MatrixView, _ a: Int, _ b: Int) -> Double {
      (0..<matrix.columns).reduce(0) { $0 + Double(matrix[a, $1]) * Double(matrix[b, $1]) }
    }
    let (whole, short) = (rows.powerNormalized, rows.powerNormalized(inAtMost: 500))
    #expect(short.columns == 500 && rows.powerNormalized(inAtMost: columns) == whole)
    for a in 0..<8 {
      #expect(abs(inner(whole, a, a) - 1) < 1e-5)
      // The standard deviation is about 1/√500.
      for b in 0...a { #expect(abs(inner(whole, a, b) - inner(short, a, b)) < 0.25) }
    }
  }

  @Test func oneClassIsNotJudged() throws {
    var table = Table(30)
    for row in 0..<30 { table.lines[row][1] = "a" }
    let audit = try table.audit()
    #expect(audit.labels == nil && audit.text.contains("labels are not judged"))
  }

  @Test func aFeatureThatIsNotFiniteIsNamed() throws {
    var table = Table(30)
    table.features[4][2] = .infinity
    #expect {
      try table.audit()
    } throws: { error in
      "\(error)".contains("the feature of row4 in column 2 is inf")
    }
  }
}

struct ImageFindingsTests {
  static func flat(_ width: Int, _ height: Int) throws -> [UInt8] {
    try JPEGEncoder.encode(
      RGBImage(width: width, height: height, pixels: [UInt8](repeating: 90, count: 3 * width * height)))
  }

  @Test func summariesAreThoseOfThePixels() throws {
    let bytes = generatedPNG(width: 20, height: 30, seed: 4)
    let summary = try ImageSummary(bytes)
    let pixels = try ImageDecoder.decode(bytes).pixels
    let spreads = (0..<3).map { color -> Double in
      let values = stride(from: color, to: pixels.count, by: 3).map { Double(pixels[$0]) }
      let mean = values.reduce(0, +) / Double(values.count)
      return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
    }
    #expect(summary.width == 20 && summary.height == 30)
    #expect(try abs(summary.spread - #require(spreads.max())) < 1e-9)
    let plain = try ImageSummary(Self.flat(50, 33))
    #expect(plain.width == 50 && plain.height == 33 && plain.spread == 0)
    #expect(throws: ImageError.self) { try ImageSummary([1, 2, 3]) }
  }

  /// The sides are those of the upright image.
  @Test func aTurnedPhotographHasTurnedSides() throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: Repository.path("data/photos")) {
      guard name.hasSuffix(".jpg") || name.hasSuffix(".png") else { continue }
      let bytes = Array(try Data(contentsOf: URL(filePath: Repository.path("data/photos/\(name)"))))
      let (summary, image) = (try ImageSummary(bytes), try ImageDecoder.decode(bytes))
      #expect(summary.width == image.width && summary.height == image.height, "\(name)")
      #expect(summary.spread > 5, "\(name)")
    }
  }

  @Test func unusualFilesAreNamed() throws {
    let usual = try ImageSummary(generatedPNG(width: 100, height: 80, seed: 1))
    let small = try ImageSummary(generatedPNG(width: 40, height: 31, seed: 1))
    let wide = try ImageSummary(generatedPNG(width: 300, height: 80, seed: 1))
    let blank = try ImageSummary(Self.flat(100, 80))
    let names = ["a", "b", "c", "d", "small", "wide", "blank", "unread"]
    let findings = ImageFindings(names, [usual, usual, usual, usual, small, wide, blank, nil]).findings
    #expect(findings.map { "\($0.kind) \($0.path)" } == ["tiny small", "oddSize wide", "blank blank"])
    let pixels: [UInt8] = (0..<24_000).map { place in UInt8(place / 300) + (place % 7 == 6 ? 3 : 0) }
    let smooth = try ImageSummary(PNGEncoder.encode(RGBImage(width: 100, height: 80, pixels: pixels)))
    let sharp = try (0..<12).map { try ImageSummary(generatedPNG(width: 100, height: 80, seed: $0)) as ImageSummary? }
    #expect(
      ImageFindings((0..<13).map { "\($0)" }, sharp + [smooth]).findings.map { "\($0.kind) \($0.path)" } == [
        "blurred 12"
      ])
    // If all images are small, none of them is unusual.
    #expect(ImageFindings(["a", "b"], [small, small]).findings.isEmpty)
    #expect(ImageFindings(["a"], [nil]).findings.isEmpty)
  }
}
