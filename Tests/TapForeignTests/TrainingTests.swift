import CTapForeign
import TapForeign
import TapFormats
import TestSupport
import Testing

/// Training and comparison of labeled rows.
@Suite struct TrainingTests {
  private func data(_ rows: Rows) throws -> UInt64 {
    try rows.with { matrix, targets in
      try handle { unsafe layertap_data_from_matrix(matrix, targets, $0) }
    }
  }

  @Test func aTrainingEvaluatesTheTestRowsOnce() throws {
    var rows = Rows.drawn(count: 80)
    rows.splits = (0..<80).map { $0 < 60 ? LAYERTAP_SPLIT_TRAIN : LAYERTAP_SPLIT_TEST }
    let data = try data(rows)
    var record: UInt64 = 0
    let classifier = try handle { classifier in
      withText("{\"c\": [0.1, 10]}") { unsafe layertap_train(data, $0, $1, nil, classifier, &record) }
    }
    let found = try JSONValue.parse(texts(of: record)[0])
    var classes = [Int64](repeating: -1, count: 80)
    try rows.with { matrix, _ in
      try checked { unsafe layertap_classifier_predict(classifier, matrix, nil, &classes, nil, nil) }
    }
    let correct = (60..<80).count { classes[$0] == rows.classes[$0] }
    let accuracy = try #require(found["evaluation"]?["accuracy"])
    #expect(try accuracy.int("correct") == correct && accuracy.int("count") == 20)
    #expect(try found["training"]?.array("classCounts").compactMap(\.intValue) == [30, 30])
    #expect(found["classNames"] == .array([.string("0"), .string("1")]) && found["column"] == .string("matrix"))
    let facts = try json { unsafe layertap_data_describe(data, $0) }
    #expect(try facts.int("rows") == 80 && facts.array("items")[79].string("split") == "test")
    try release(classifier, data)
  }

  @Test func aComparisonNamesEveryClassifier() throws {
    let data = try data(Rows.drawn(count: 80))
    let found = try json { json in
      withText("{\"classifier\": [\"logistic\", \"nearest-mean\"], \"learningCurve\": 1}") {
        unsafe layertap_compare(data, $0, $1, nil, json)
      }
    }
    #expect(try found.array("entries").map { try $0.string("classifier") } == ["logistic", "nearest-mean"])
    #expect(found["learningCurve"] != nil && found["test"] == nil)
    var result: UInt64 = 0
    for settings in ["{\"learningCurve\": -1}", "{\"combine\": 4}", "{\"classifier\": []}", "{\"layers\": \"all\"}"] {
      #expect(
        try failure { withText(settings) { unsafe layertap_compare(data, $0, $1, nil, &result) } }.status
          == LAYERTAP_USAGE)
    }
    try release(data)
  }

  @Test func rowsMustBeLabeledForATraining() throws {
    var rows = Rows.drawn()
    rows.splits = .init(repeating: 7, count: 40)
    let found = try rows.with { matrix, targets in
      var data: UInt64 = 0
      return try failure { unsafe layertap_data_from_matrix(matrix, targets, &data) }
    }
    #expect(found.status == LAYERTAP_ARGUMENT && found.text.contains("row 0 has split 7"))
    let one = try data(Rows(columns: 1, values: [1, 2, 3], classes: [0, 0, 0]))
    var classifier: UInt64 = 0
    let failed = try failure { unsafe layertap_train(one, nil, 0, nil, &classifier, nil) }
    #expect(failed.status == LAYERTAP_DATA && failed.text.contains("at least two classes"))
    try release(one)
  }

  /// Data without a backbone cannot be combined, and neither can fewer than two.
  @Test func onlyDataOfBackbonesAreCombined() throws {
    let data = try data(Rows.drawn(count: 80))
    var result: UInt64 = 0
    for (count, text) in [
      (2, "part 0, counted from 0, is not data of one backbone"), (1, "2 to 100"), (-1, "2 to 100"),
    ] {
      let parts = [data, data]
      let failed = try failure { unsafe layertap_data_combine(parts, count, &result) }
      #expect(failed.status == LAYERTAP_ARGUMENT && failed.text.contains(text), "\(failed.text)")
    }
    let none = try failure { unsafe layertap_data_combine(nil, 2, &result) }
    #expect(none.status == LAYERTAP_ARGUMENT && none.text.contains("parts is a null pointer"))
    try release(data)
  }
}
