import CTapForeign
import TapForeign
import TestSupport
import Testing

/// Features, targets and settings that a fit must refuse.
@Suite struct FitRefusalTests {
  @Test(arguments: [(Float.nan, "NaN"), (.infinity, "inf"), (-.infinity, "-inf")]) func valuesMustBeFinite(
    _ value: Float, _ text: String
  ) throws {
    var rows = Rows.drawn()
    rows.values[3 * 5 + 2] = value
    let found = try rows.fitFailure()
    #expect(found.status == LAYERTAP_DATA && found.text.hasPrefix("the feature in row 5, column 2 is \(text);"))
    let model = try Rows.drawn().fit()
    let predicted = try rows.with { matrix, _ in
      try failure { unsafe layertap_model_predict(model, matrix, nil, nil, nil, nil) }
    }
    #expect(predicted.status == LAYERTAP_DATA && predicted.text.hasPrefix("the value in row 5, column 2 is \(text);"))
    try release(model)
  }

  @Test func doublesMustFitIntoFloats() throws {
    let rows = Rows.drawn()
    var values = rows.values.map(Double.init)
    values[7] = 1e39
    let found = try unsafe values.withUnsafeBytes { data in
      var matrix = unsafe layertap_matrix(
        data: data.baseAddress, rows: rows.count, columns: 3, row_stride: 24, column_stride: 8, type: LAYERTAP_FLOAT64)
      var model: UInt64 = 0
      return try rows.withTargets { targets in
        try failure { unsafe layertap_fit(&matrix, targets, nil, 0, nil, &model) }
      }
    }
    #expect(found.status == LAYERTAP_DATA && found.text.hasPrefix("the value in row 2, column 1 is 1e+39;"))
  }

  @Test func sizesMustFitTogether() throws {
    let rows = Rows.drawn()
    @safe func expectRefusal(_ text: String, _ change: (inout layertap_matrix) -> Void) throws {
      let found = try rows.with { matrix, targets in
        var matrix = unsafe matrix.pointee
        unsafe change(&matrix)
        var model: UInt64 = 0
        return try failure { unsafe layertap_fit(&matrix, targets, nil, 0, nil, &model) }
      }
      #expect(found.status == LAYERTAP_ARGUMENT && found.text.contains(text), "\(found)")
    }
    try expectRefusal("type is 9") { unsafe $0.type = 9 }
    try expectRefusal("type is 0") { unsafe $0.type = 0 }
    try expectRefusal("at least one column") { unsafe $0.columns = 0 }
    try expectRefusal("at least one column") { unsafe $0.columns = -1 }
    try expectRefusal("beyond any memory") { unsafe $0.columns = .max }
    try expectRefusal("beyond any memory") { unsafe $0.rows = -1 }
    try expectRefusal("beyond any memory") { unsafe $0.rows = Int.max }
    try expectRefusal("beyond any memory") { unsafe $0.row_stride = .min }
    try expectRefusal("beyond any memory") { unsafe $0.column_stride = .max }
    try expectRefusal("features, data is a null pointer") { unsafe $0.data = nil }
    try expectRefusal("rows for 39 rows") { unsafe $0.rows = 39 }
    try expectRefusal("rows for 0 rows") { unsafe $0.rows = 0 }
  }

  @Test func repeatedRowsBeyondMemoryAreRefused() throws {
    let model = try Rows.drawn().fit()
    let found = try unsafe [1.0].withUnsafeBytes { value in
      var matrix = unsafe layertap_matrix(
        data: value.baseAddress, rows: 1 << 42, columns: 4, row_stride: 0, column_stride: 0, type: LAYERTAP_FLOAT64)
      return try failure { unsafe layertap_model_predict(model, &matrix, nil, nil, nil, nil) }
    }
    #expect(found.status == LAYERTAP_DATA && found.text.contains("does not fit into the memory"))
    try release(model)
  }

  @Test func targetsMustFitTheRows() throws {
    let changes: [(Int32, String, (inout Rows) -> Void)] = [
      (LAYERTAP_DATA, "the label of row 4 is 2; with 2 classes", { $0.classes[4] = 2 }),
      (LAYERTAP_DATA, "the label of row 4 is -1;", { $0.classes[4] = -1 }),
      (LAYERTAP_DATA, "1 class;", { $0.classCount = 1 }),
      (LAYERTAP_ARGUMENT, "every class needs a row", { $0.classCount = 41 }),
      (LAYERTAP_DATA, "0 classes;", { $0.classCount = Int.min }),
      (LAYERTAP_DATA, "'2'", { $0.classCount = 3 }),
      (LAYERTAP_DATA, "the sample weight of row 1 is -1.0", { $0.weights = [1, -1] + .init(repeating: 1, count: 38) }),
      (LAYERTAP_DATA, "the sample weight of row 0 is NaN", { $0.weights = [.nan] + .init(repeating: 1, count: 39) }),
      (LAYERTAP_ARGUMENT, "row 39 has fold -2", { $0.folds = .init(repeating: 0, count: 39) + [-2] }),
    ]
    for (status, text, change) in changes {
      var rows = Rows.drawn()
      change(&rows)
      let found = try rows.fitFailure()
      #expect(found.status == status && found.text.contains(text), "\(found)")
    }
  }

  @Test func foldsMustHoldRows() throws {
    for folds: [Int64] in [
      .init(repeating: -1, count: 40), .init(repeating: 0, count: 40), .init(repeating: .max, count: 40),
      .init(repeating: 2, count: 40),
    ] {
      var rows = Rows.drawn()
      rows.folds = folds
      #expect(try rows.fitFailure("{\"c\": [1, 2]}").status == LAYERTAP_DATA)
    }
  }

  @Test func settingsAreRefusedInTheWordsOfPipelineFiles() throws {
    let rows = Rows.drawn()
    let refusals: [(String, String)] = [
      ("{\"c\": 0}", "'c'"), ("{\"see\": 1}", "see"), ("{\"penalty\": \"none\", \"c\": 1}", "'c'"),
      ("{\"testFraction\": 0.2}", "testFraction"), ("[1]", "an object"), ("{\"c\": 1", "line 1, column 8"),
      ("{\"tolerance\": 1}", "tolerance"), ("{\"c\": 1e999}", "c"),
      (String(repeating: "[", count: 100_000), "more than 128 arrays"),
    ]
    for (settings, text) in refusals {
      let found = try rows.fitFailure(settings)
      #expect(found.status == LAYERTAP_USAGE, "\(settings.prefix(40)): \(found)")
      #expect(found.text.contains(text), "\(settings.prefix(40)): \(found)")
    }
  }

  @Test func theMemoryOfWeightsMustFit() throws {
    let model = try Rows.drawn().fit()
    var (weights, biases) = ([Double](repeating: 0, count: 6), [0.0, 0])
    let found = try failure { unsafe layertap_model_weights(model, &weights, 5, &biases, 2) }
    #expect(found == ForeignFailure(status: LAYERTAP_ARGUMENT, text: "weights: memory for 5 values; 6 are written"))
    #expect(try failure { unsafe layertap_model_weights(model, &weights, 6, &biases, -1) }.status == LAYERTAP_ARGUMENT)
    #expect(try failure { unsafe layertap_model_weights(model, nil, 6, &biases, 2) }.status == LAYERTAP_ARGUMENT)
    let narrow = Rows(columns: 2, values: [1, 2], classes: [0])
    let columns = try narrow.with { matrix, _ in
      try failure { unsafe layertap_model_predict(model, matrix, nil, nil, nil, nil) }
    }
    #expect(columns.status == LAYERTAP_DATA && columns.text.contains("the features have 2 columns"))
    try release(model)
  }

  @Test func marginsAreNoProbabilities() throws {
    let rows = Rows.drawn()
    let model = try rows.fit("{\"classifier\": \"svm\", \"intercept\": 1}")
    var probabilities = [Double](repeating: 0, count: 80)
    let found = try rows.with { matrix, _ in
      try failure { unsafe layertap_model_predict(model, matrix, nil, nil, &probabilities, nil) }
    }
    #expect(found.status == LAYERTAP_DATA && found.text.contains("no probabilities"))
    try release(model)
  }
}
