import CTapForeign
import TapForeign
import TapFormats
import TestSupport
import Testing

/// Columns of several backbones on the same images.
@Suite(.needs(.data("weights/squeezenet1_1_zip.pth"))) struct CombinedDataTests {
  private static let settings = "{\"c\": [0.01, 1], \"folds\": 3}"

  /// The labeled images of a folder, with features of a network at this size.
  private func data(_ folder: String, size: Int) throws -> UInt64 {
    let path = try TestData.path("weights/squeezenet1_1_zip.pth")
    let backbone = try handle { result in
      withText(path) { path, length in
        withText("{\"size\": \(size)}") { unsafe layertap_backbone_open(path, length, $0, $1, result) }
      }
    }
    let extractor = try handle { result in
      withText("{\"layers\": [\"features.3\", \"features.5\"]}") {
        unsafe layertap_extractor_create(backbone, $0, $1, result)
      }
    }
    defer { #expect(layertap_release(backbone) == LAYERTAP_OK && layertap_release(extractor) == LAYERTAP_OK) }
    return try handle { result in
      withText(folder) {
        unsafe layertap_data_from_folder(extractor, $0, $1, nil, 0, nil, 0, nil, 0, nil, result)
      }
    }
  }

  private func entries(_ data: UInt64) throws -> [JSONValue] {
    try json { json in
      withText(Self.settings) { unsafe layertap_compare(data, $0, $1, nil, json) }
    }.array("entries")
  }

  /// Every entry is that of a comparison with its backbone alone.
  @Test func everyEntryIsThatOfItsBackboneAlone() throws {
    try withTemporaryFolder { folder in
      try writeGeneratedClasses(0..<24, to: folder, width: 12)
      let parts = try [32, 48].map { try data(folder, size: $0) }
      let combined = try handle { unsafe layertap_data_combine(parts, 2, $0) }
      let found = try entries(combined)
      #expect(found.compactMap { $0["backbone"]?.stringValue }.map { $0.suffix(2) } == [" 1", " 1", " 2", " 2"])
      let alone = try parts.flatMap(entries)
      for (entry, expected) in zip(found, alone) {
        for field in ["column", "dimensions", "c", "accuracy", "path", "multiplyAdds"] {
          #expect(entry[field] != nil && entry[field] == expected[field], "\(field)")
        }
      }
      #expect(found.count == 4 && found[0]["accuracy"] != nil && found[0]["path"] != found[2]["path"])
      var classifier: UInt64 = 0
      let refused = try failure { unsafe layertap_train(combined, nil, 0, nil, &classifier, nil) }
      #expect(refused.status == LAYERTAP_ARGUMENT && refused.text.contains("a training has one backbone"))
      let again = try failure { unsafe layertap_data_combine([combined, parts[0]], 2, &classifier) }
      #expect(again.status == LAYERTAP_ARGUMENT)
      try writeGeneratedClasses(24..<26, to: folder, width: 12)
      let other = try data(folder, size: 32)
      let differing = try failure { unsafe layertap_data_combine([parts[0], other], 2, &classifier) }
      #expect(differing.status == LAYERTAP_ARGUMENT)
      #expect(differing.text.contains("part 1, counted from 0, has other images"))
      try release(combined, parts[0], parts[1], other)
    }
  }
}
