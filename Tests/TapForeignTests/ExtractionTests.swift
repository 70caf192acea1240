import CTapForeign
import FoundationEssentials
import LayerTap
import TapForeign
import TapFormats
import TestSupport
import Testing

/// Features and stores at the C face, compared with the library's Swift face and with the store's files.
@Suite(.needs(.data("weights/squeezenet1_1_zip.pth"))) struct ExtractionTests {
  private static let layers = "{\"layers\": [\"features.3\", \"features.12\"], \"pool\": [\"avg\", \"max\"]}"

  /// An extractor of four columns of a small network.
  private func extractor(_ settings: String = layers) throws -> UInt64 {
    let path = try TestData.path("weights/squeezenet1_1_zip.pth")
    let backbone = try handle { result in
      withText(path) { path, size in
        withText("{\"size\": 64}") { unsafe layertap_backbone_open(path, size, $0, $1, result) }
      }
    }
    defer { #expect(layertap_release(backbone) == LAYERTAP_OK) }
    return try handle { result in
      withText(settings) { unsafe layertap_extractor_create(backbone, $0, $1, result) }
    }
  }

  private func dimensions(_ extractor: UInt64, count: Int = 4) throws -> [Int] {
    var dimensions = [Int](repeating: 0, count: count)
    try checked { unsafe layertap_extractor_dimensions(extractor, &dimensions, count) }
    return dimensions
  }

  private var photos: [String] {
    ["cat.jpg", "coffee.jpg", "rocket.jpg"].map { Repository.path("data/photos/" + $0) }
  }

  private func expected() throws -> ImageFeatures {
    var settings = ExtractionSettings(
      backbone: try TestData.path("weights/squeezenet1_1_zip.pth"),
      columns: .named(layers: ["features.3", "features.12"], poolings: [.avg, .max]))
    settings.changes.size = 64
    return try ImageFeatureExtractor(settings).features(of: .files(photos))
  }

  /// Extracts into one piece of memory in which each row has a gap of `gap` floats.
  @safe private func extract(
    _ extractor: UInt64, _ images: [CallerImage], gap: Int = 0, statuses: UnsafeMutablePointer<Int32>? = nil,
    errors: UnsafeMutablePointer<UInt64>? = nil
  ) throws -> [[Float]] {
    let dimensions = try dimensions(extractor)
    var memory = dimensions.map { [Float](repeating: 77, count: images.count * ($0 + gap)) }
    try withImages(images) { images, count in
      var outputs: [layertap_output] = unsafe []
      for index in memory.indices {
        unsafe memory[index].withUnsafeMutableBufferPointer { place in
          unsafe outputs.append(
            layertap_output(
              data: place.baseAddress, rows: count, columns: dimensions[index],
              row_stride: gap == 0 ? 0 : Int64(4 * (dimensions[index] + gap))))
        }
      }
      try checked { unsafe layertap_extract(extractor, images, count, nil, outputs, 4, statuses, errors) }
    }
    return memory
  }

  @Test func columnsAreThoseOfTheLibrary() throws {
    let extractor = try extractor()
    let expected = try expected()
    #expect(try texts { unsafe layertap_extractor_columns(extractor, $0) } == expected.columns.map(\.name))
    #expect(try dimensions(extractor) == expected.matrices.map(\.columns))
    for gap in [0, 3] {
      let found = try extract(extractor, photos.map(CallerImage.path), gap: gap)
      for (column, matrix) in expected.matrices.enumerated() {
        for row in 0..<3 {
          let start = row * (matrix.columns + gap)
          for index in 0..<matrix.columns { #expect(found[column][start + index] == matrix[row, index]) }
          #expect(found[column][(start + matrix.columns)..<(start + matrix.columns + gap)].allSatisfy { $0 == 77 })
        }
      }
    }
    try release(extractor)
  }

  @Test func anImageThatCannotBeReadHasARowOfNaN() throws {
    let extractor = try extractor()
    let folder = Repository.path("data")
    let images: [CallerImage] = [
      .path(photos[0]), .path("/nonexistent.jpg"), .encoded([1, 2, 3]), .path(folder), .path(photos[1]),
    ]
    var statuses = [Int32](repeating: -1, count: 5)
    var errors: UInt64 = 0
    let found = try extract(extractor, images, statuses: &statuses, errors: &errors)
    // The statuses are those of the predictions of such images.
    #expect(statuses == [LAYERTAP_OK, LAYERTAP_MISSING, LAYERTAP_DATA, LAYERTAP_MISSING, LAYERTAP_OK])
    let reasons = try texts(of: errors)
    #expect(reasons.map(\.isEmpty) == [true, false, false, false, true] && reasons[1].contains("the file is missing"))
    for (column, dimension) in try dimensions(extractor).enumerated() {
      #expect(found[column].enumerated().allSatisfy { (1...3).contains($0 / dimension) == $1.isNaN })
    }
    let failed = #expect(throws: ForeignFailure.self) { try extract(extractor, images) }
    #expect(failed?.status == LAYERTAP_MISSING && failed?.text == "/nonexistent.jpg: the file is missing")
    let broken = #expect(throws: ForeignFailure.self) { try extract(extractor, [.encoded([1, 2, 3])]) }
    #expect(broken?.status == LAYERTAP_DATA && broken?.text.hasPrefix("image 0: ") == true)
    try release(extractor)
  }

  @Test func noImagesAreNoError() throws {
    let extractor = try extractor()
    var errors: UInt64 = 0
    #expect(try extract(extractor, [], errors: &errors).allSatisfy(\.isEmpty))
    var count = -1
    try checked { unsafe layertap_texts_count(errors, &count) }
    #expect(count == 0)
    try release(errors, extractor)
  }

  @Test func outputsMustFitTheColumns() throws {
    let extractor = try extractor("{\"layers\": \"features.3\"}")
    let dimension = try dimensions(extractor, count: 1)[0]
    var memory = [Float](repeating: 0, count: dimension)
    try withImages([.path(photos[0])]) { images, count in
      @safe func expectRefusal(_ line: Int = #line, _ change: (inout layertap_output) -> Void) throws {
        try unsafe memory.withUnsafeMutableBufferPointer { place in
          var output = unsafe layertap_output(
            data: place.baseAddress, rows: 1, columns: dimension, row_stride: 0)
          unsafe change(&output)
          let found = try failure { unsafe layertap_extract(extractor, images, count, nil, &output, 1, nil, nil) }
          #expect(found.status == LAYERTAP_ARGUMENT && found.text.hasPrefix("output 0"), "line \(line): \(found)")
        }
      }
      try expectRefusal { unsafe $0.data = nil }
      try expectRefusal { unsafe $0.rows = 2 }
      try expectRefusal { unsafe $0.columns -= 1 }
      try expectRefusal { unsafe $0.row_stride = 4 }
      try expectRefusal { unsafe $0.row_stride = -4096 }
      try expectRefusal { unsafe $0.row_stride = 4097 }
      try expectRefusal { unsafe $0.row_stride = .max }
      let none = try failure { unsafe layertap_extract(extractor, images, count, nil, nil, 1, nil, nil) }
      #expect(none.text == "outputs is a null pointer: give memory")
      var output = unsafe layertap_output()
      let two = try failure { unsafe layertap_extract(extractor, images, count, nil, &output, 2, nil, nil) }
      #expect(two.text == "outputs: 2 outputs; the extractor has 1 columns")
    }
    try release(extractor)
  }

  @Test func aStoreHasTheSameRowsAndIsMapped() throws {
    let extractor = try extractor()
    let expected = try expected()
    try withTemporaryFolder { folder in
      // The first image occurs twice.
      let images = (photos + [photos[0], "/nonexistent.jpg"]).map(CallerImage.path)
      var rows = [Int64](repeating: -9, count: images.count)
      var statuses = [Int32](repeating: -9, count: images.count)
      var errors: UInt64 = 0
      let store = try handle { store in
        try withImages(images) { images, count in
          withText(folder + "/store") { path, size in
            unsafe layertap_extract_to_store(
              extractor, images, count, path, size, nil, &rows, &statuses, &errors, store)
          }
        }
      }
      try release(errors)
      #expect(rows[0] == rows[3] && rows[4] == -1 && Set(rows[..<3]) == [0, 1, 2])
      #expect(statuses == [LAYERTAP_OK, LAYERTAP_OK, LAYERTAP_OK, LAYERTAP_OK, LAYERTAP_MISSING])
      let stopped = try withImages([.path("/nonexistent.jpg")]) { images, count in
        var none: UInt64 = 0
        return try failure {
          withText(folder + "/store") {
            unsafe layertap_extract_to_store(extractor, images, count, $0, $1, nil, nil, nil, nil, &none)
          }
        }
      }
      #expect(stopped.status == LAYERTAP_MISSING && stopped.text == "/nonexistent.jpg: the file is missing")
      let facts = try json { unsafe layertap_store_describe(store, $0) }
      #expect(try facts.array("columns").map { try $0.string("name") } == expected.columns.map(\.name))
      for (index, matrix) in expected.matrices.enumerated() {
        var mapped = unsafe layertap_matrix()
        try checked { unsafe layertap_store_column(store, index, &mapped) }
        #expect(unsafe mapped.rows == 3 && mapped.columns == matrix.columns && mapped.type == LAYERTAP_FLOAT32)
        let values = try unsafe #require(mapped.data).assumingMemoryBound(to: Float.self)
        for row in 0..<3 {
          for column in 0..<matrix.columns {
            #expect(unsafe values[Int(rows[row]) * matrix.columns + column] == matrix[row, column])
          }
        }
      }
      let table = try texts { unsafe layertap_store_items(store, $0) }[0]
      #expect(table.hasPrefix("path,label,split,group,key,row,status\n") && table.contains("the file is missing"))
      var matrix = unsafe layertap_matrix()
      #expect(try failure { unsafe layertap_store_column(store, 4, &matrix) }.status == LAYERTAP_ARGUMENT)
      let opened = try handle { result in
        withText(folder + "/store") { unsafe layertap_store_open($0, $1, result) }
      }
      #expect(try texts { unsafe layertap_store_items(opened, $0) }[0] == table)
      let pixels = try withImages([.encoded([1])]) { images, count in
        var store: UInt64 = 0
        return try failure {
          withText(folder) {
            unsafe layertap_extract_to_store(extractor, images, count, $0, $1, nil, nil, nil, nil, &store)
          }
        }
      }
      #expect(pixels.status == LAYERTAP_ARGUMENT && pixels.text.contains("images of files only"))
      try release(store, opened)
      try expectRefusalOfAStoreWithoutColumns(below: folder + "/store")
      var none: UInt64 = 0
      #expect(
        try failure { withText(folder + "/no") { unsafe layertap_store_open($0, $1, &none) } }.status
          == LAYERTAP_MISSING)
    }
    try release(extractor)
  }

  /// Takes the columns out of a store's description, and asks for its data.
  private func expectRefusalOfAStoreWithoutColumns(below folder: String) throws {
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
    let path = "\(folder)/\(name)/store.json"
    var fields = try #require(try JSONValue.parse(String(contentsOfFile: path, encoding: .utf8)).objectValue)
    fields["columns"] = .array([])
    try JSONValue.object(fields).pretty.write(toFile: path, atomically: true, encoding: .utf8)
    let store = try handle { result in withText(folder) { unsafe layertap_store_open($0, $1, result) } }
    var data: UInt64 = 0
    let all = try failure { unsafe layertap_data_from_store(store, nil, 0, &data) }
    #expect(all.status == LAYERTAP_DATA && all.text.contains("images and no columns"), "\(all)")
    var column = 0
    let one = try failure { unsafe layertap_data_from_store(store, &column, 1, &data) }
    #expect(one == ForeignFailure(status: LAYERTAP_ARGUMENT, text: "column_count: 1 columns; the store has 0"))
    try release(store)
  }

  @Test func settingsBelongToTheirCall() throws {
    let path = try TestData.path("weights/squeezenet1_1_zip.pth")
    var result: UInt64 = 0
    for (settings, text) in [
      ("{\"layers\": \"features.3\"}", "layertap_extractor_create takes it"), ("{\"sise\": 3}", "size"),
      ("{\"backbone\": \"resnet18\"}", "the argument 'source' takes it"), ("{\"size\": 7}", "size"),
    ] {
      let found = try failure {
        withText(path) { path, size in
          withText(settings) { unsafe layertap_backbone_open(path, size, $0, $1, &result) }
        }
      }
      #expect(found.status == LAYERTAP_USAGE && found.text.contains(text), "\(found)")
    }
    #expect(throws: ForeignFailure.self) { try extractor("{\"size\": 64}") }
    let layer = #expect(throws: ForeignFailure.self) { try extractor("{\"layers\": \"features.99\"}") }
    #expect(layer?.status == LAYERTAP_USAGE)
    let missing = try failure {
      withText("/nonexistent.pth") { unsafe layertap_backbone_open($0, $1, nil, 0, &result) }
    }
    #expect(missing.status == LAYERTAP_MISSING)
  }

  @Test func theProgressFunctionCanStopTheCall() throws {
    let extractor = try extractor("{\"layers\": \"features.3\"}")
    let dimension = try dimensions(extractor, count: 1)[0]
    let images = (0..<2000).map { _ in CallerImage.path(photos[0]) }
    var memory = [Float](repeating: 0, count: images.count * dimension)
    var calls = 0
    let found = try withImages(images) { images, count in
      try unsafe memory.withUnsafeMutableBufferPointer { place in
        var output = unsafe layertap_output(data: place.baseAddress, rows: count, columns: dimension, row_stride: 0)
        return try unsafe withUnsafeMutablePointer(to: &calls) { calls in
          var work = unsafe layertap_work(
            threads: 1,
            progress: { calls, stage, done, total in
              unsafe calls?.assumingMemoryBound(to: Int.self).pointee += 1
              return stage == LAYERTAP_STAGE_EXTRACTING && done > 0 && total == 2000 ? 1 : 0
            }, context: calls)
          return try failure { unsafe layertap_extract(extractor, images, count, &work, &output, 1, nil, nil) }
        }
      }
    }
    #expect(found == ForeignFailure(status: LAYERTAP_STOPPED, text: "stopped, as the progress function asked"))
    #expect(calls >= 1)
    #expect(memory.last == 0, "the last image was not reached")
    try release(extractor)
  }
}
