import CTapForeign
import TapForeign
import TestSupport
import Testing

@Suite struct HandleTests {
  @Test func theLibraryNamesItself() throws {
    #expect(layertap_abi() == LAYERTAP_ABI)
    let version = try unsafe String(cString: #require(layertap_version()))
    #expect(version.split(separator: ".").count == 3)
    #expect(layertap_available_threads() >= 1)
    let names = try texts { unsafe layertap_backbone_names($0) }
    #expect(names.contains("efficientnet_lite0"))
  }

  @Test func aReleasedHandleIsAnErrorAlsoIfItsPlaceIsUsedAgain() throws {
    let first = try handle { unsafe layertap_backbone_names($0) }
    try release(first)
    let second = try handle { unsafe layertap_backbone_names($0) }
    var count = 0
    let found = try failure { unsafe layertap_texts_count(first, &count) }
    #expect(found.status == LAYERTAP_HANDLE)
    #expect(found.text == "a handle of texts is needed, and this handle was released or never existed")
    #expect(try failure { layertap_release(first) }.status == LAYERTAP_HANDLE)
    try release(second)
  }

  @Test func aHandleOfAnotherKindIsAnError() throws {
    let names = try handle { unsafe layertap_backbone_names($0) }
    var result: UInt64 = 5
    let found = try failure { unsafe layertap_backbone_describe(names, &result) }
    #expect(
      found.status == LAYERTAP_HANDLE && found.text == "a handle of a backbone is needed, and this is a handle of texts"
    )
    #expect(result == 5, "a failed call writes nothing")
    #expect(try failure { layertap_model_facts(names, nil) }.status == LAYERTAP_HANDLE)
    // The kind in the handle is changed, but not the object.
    #expect(try failure { layertap_release(names ^ 3 << 56) }.status == LAYERTAP_HANDLE)
    try release(names)
  }

  // No number of these is a handle of another test, which runs at the same time: their kinds, generations or places do
  // not occur.
  @Test(arguments: [UInt64](arrayLiteral: 1, 1 << 32, 1 << 56, 7 << 56 | 12, 1 << 56 | 1 << 32 | 0xffff_ffff, .max))
  func aNumberIsNoHandle(_ number: UInt64) throws {
    #expect(try failure { layertap_release(number) }.status == LAYERTAP_HANDLE)
    var result: UInt64 = 0
    #expect(try failure { unsafe layertap_extractor_columns(number, &result) }.status == LAYERTAP_HANDLE)
    #expect(try failure { unsafe layertap_store_items(number, &result) }.status == LAYERTAP_HANDLE)
    #expect(try failure { unsafe layertap_data_describe(number, &result) }.status == LAYERTAP_HANDLE)
    #expect(try failure { unsafe layertap_classifier_classes(number, &result) }.status == LAYERTAP_HANDLE)
    try release(0)
  }

  @Test func nullPointersAreErrors() throws {
    let names = try handle { unsafe layertap_backbone_names($0) }
    let calls: [() -> Int32] = [
      { layertap_backbone_names(nil) },
      { layertap_texts_count(names, nil) },
      { layertap_texts_get(names, 0, nil, nil) },
      { unsafe layertap_backbone_open("x", 1, nil, 0, nil) },
      { unsafe layertap_store_open("x", 1, nil) },
      { unsafe layertap_classifier_open("x", 1, nil) },
      { layertap_fit(nil, nil, nil, 0, nil, nil) },
      { layertap_data_from_matrix(nil, nil, nil) },
    ]
    for (index, call) in calls.enumerated() {
      let found = try failure { call() }
      #expect(found.status == LAYERTAP_ARGUMENT && found.text.hasSuffix("is a null pointer: give memory"), "\(index)")
    }
    var result: UInt64 = 0
    #expect(try failure { unsafe layertap_store_open(nil, 3, &result) }.text == "path is a null pointer: give memory")
    #expect(
      try failure { unsafe layertap_fit(nil, nil, nil, 0, nil, &result) }.text
        == "features is a null pointer: give memory")
    try release(names)
  }

  @Test func anIndexBeyondTheTextsIsAnError() throws {
    let names = try handle { unsafe layertap_backbone_names($0) }
    var data: UnsafePointer<CChar>?
    for index in [1000, -1, Int.min] {
      let found = try failure { unsafe layertap_texts_get(names, index, &data, nil) }
      #expect(found.status == LAYERTAP_ARGUMENT && found.text.contains("\(UInt(bitPattern: index)) of "))
    }
    try release(names)
  }

  @Test func everyThreadHasTheTextOfItsLastError() async throws {
    try await withThrowingTaskGroup { group in
      for thread in 0..<8 {
        group.addTask {
          // There is no suspension here, so that all calls are on one thread.
          for round in 0..<200 {
            let path = "/nonexistent-\(thread)-\(round)"
            var result: UInt64 = 0
            let found = try failure { withText(path) { unsafe layertap_classifier_open($0, $1, &result) } }
            #expect(found == ForeignFailure(status: LAYERTAP_MISSING, text: "\(path) does not exist"))
            let names = try handle { unsafe layertap_backbone_names($0) }
            #expect(layertap_release(1) == LAYERTAP_HANDLE)
            #expect(unsafe String(cString: layertap_error()).hasPrefix("this handle"))
            try release(names)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func aReleaseLeavesTheTextOfAnError() throws {
    let names = try handle { unsafe layertap_backbone_names($0) }
    let found = try failure { layertap_backbone_names(nil) }
    #expect(layertap_release(names) == LAYERTAP_OK && layertap_release(0) == LAYERTAP_OK)
    #expect(unsafe String(cString: layertap_error()) == found.text)
    let released = try failure { layertap_release(names) }
    #expect(released.text == "this handle was released or never existed")
    // Any other call that succeeds has an empty text, which `texts` checks.
    #expect(try texts { unsafe layertap_backbone_names($0) }.count > 1)
  }

  @Test func textsMustBeUTF8() throws {
    var result: UInt64 = 0
    let found = try failure {
      withBytes([0x61, 0xff]) { unsafe layertap_store_open($0, $1, &result) }
    }
    #expect(found == ForeignFailure(status: LAYERTAP_DATA, text: "path is not UTF-8: texts and paths are UTF-8 here"))
    #expect(
      try failure { withText("x") { text, _ in unsafe layertap_store_open(text, -1, &result) } }.status
        == LAYERTAP_ARGUMENT)
    #expect(try failure { withText("") { unsafe layertap_store_open($0, $1, &result) } }.status == LAYERTAP_ARGUMENT)
    let zero = try failure { withText("\0b") { unsafe layertap_store_open($0, $1, &result) } }
    #expect(zero.status == LAYERTAP_MISSING && zero.text.contains("\\0b"), "\(zero)")
  }

  @Test func aLongErrorIsCutBeforeACharacter() throws {
    var result: UInt64 = 0
    let name = String(repeating: "ä", count: 5000)
    let found = try failure {
      withText("{\"\(name)\": 1}") { settings, size in
        withText("efficientnet_lite0") { unsafe layertap_backbone_open($0, $1, settings, size, &result) }
      }
    }
    #expect(found.status == LAYERTAP_USAGE)
    #expect((4090..<4096).contains(found.text.utf8.count) && !found.text.contains("\u{fffd}"))
  }
}
