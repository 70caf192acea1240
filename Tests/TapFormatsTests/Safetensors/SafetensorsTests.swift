import TapFileSystem
import TapFormats
import TestSupport
import Testing

struct SafetensorsTests {
  /// The library safetensors wrote the file, in Tests/Reference/formats/make_safetensors.py.
  @Test func readsEveryType() throws {
    let bytes = try FileSystem.read(Repository.path("Tests/Reference/formats/safetensors/types.safetensors"))
    let file = try Safetensors(bytes.span)
    #expect(file.metadata == ["format": "pt", "note": "é"])
    #expect(file.entries.count == 12)
    for name in ["f64", "f32", "f16", "bf16"] {
      let (shape, elements) = try file.floats(name, in: bytes.span)
      #expect(shape == [2, 3] && elements == [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5], "\(name)")
    }
    #expect(try file.floats("i64", in: bytes.span).elements == [1, -2, Float(1 << 40)])
    #expect(try file.floats("i32", in: bytes.span).elements == [3, -4])
    #expect(try file.floats("i16", in: bytes.span).elements == [5, -6])
    #expect(try file.floats("i8", in: bytes.span).elements == [7, -8])
    #expect(try file.floats("u8", in: bytes.span).elements == [0, 255])
    #expect(try file.floats("bool", in: bytes.span).elements == [1, 0])
    #expect(try file.floats("scalar", in: bytes.span) == ([], [0.25]))
    #expect(try file.floats("empty", in: bytes.span) == ([0, 3], []))
    #expect(throws: SafetensorsError.noTensor("f8")) { try file.floats("f8", in: bytes.span) }
  }

  @Test func whatIsWrittenReadsBackAndDoesNotDependOnOrder() throws {
    let tensors = [
      Safetensors.Tensor(name: "weights", shape: [2, 2], elements: [1, 2, 3, 4]),
      Safetensors.Tensor(name: "bias", shape: [2], elements: [0.5, -0.5]),
      Safetensors.Tensor(name: "Z", shape: [], elements: [9]),
    ]
    let bytes = Safetensors.encode(tensors, metadata: ["b": "2", "a": "1"])
    #expect(Safetensors.encode(tensors.reversed(), metadata: ["a": "1", "b": "2"]) == bytes)
    let file = try Safetensors(bytes.span)
    #expect(file.metadata == ["a": "1", "b": "2"])
    #expect(try file.floats("weights", in: bytes.span) == ([2, 2], [1, 2, 3, 4]))
    #expect(try file.floats("Z", in: bytes.span) == ([], [9]))
    #expect(try #require(file.entries["Z"]).range.lowerBound % 8 == 0)
  }

  private func file(_ header: String, data: Int = 8) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: UInt64(header.utf8.count))
    return bytes + header.utf8 + [UInt8](repeating: 0, count: data)
  }

  private func read(_ bytes: [UInt8]) throws { _ = try Safetensors(bytes.span) }

  @Test(arguments: [
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
      SafetensorsError.wrongSize(tensor: "a", shape: [2], expectedBytes: 8, actualBytes: 4)
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      .holeOrOverlap(tensor: "a", expectedOffset: 0, actualOffset: 4)
    ),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      .holeOrOverlap(tensor: "b", expectedOffset: 8, actualOffset: 4)
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
      .wrongLength(expectedBytes: 4, actualBytes: 8)
    ),
    (
      #"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#,
      .wrongLength(expectedBytes: 16, actualBytes: 8)
    ),
    (#"{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,8]}}"#, .unknownType(tensor: "a", type: "F4")),
    (
      #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#,
      .shapeOverflows(tensor: "a", shape: [4_611_686_018_427_387_904, 4])
    ),
    (#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, .badEntry(tensor: "a")),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, .badEntry(tensor: "a")),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1}}"#, .badEntry(tensor: "a")),
    (#"{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}"#, .badEntry(tensor: "a")),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775807]}}"#, .badEntry(tensor: "a")),
    (#"{"__metadata__":{"a":1}}"#, .badMetadata),
    (#"[]"#, .badHeader(.wrongType(field: "", expected: "an object", found: "an array"))),
    (#"{"a":1,"a":2}"#, .badHeader(.duplicateKey("a", at: JSONPosition(line: 1, column: 8)))),
  ])
  func defectsHaveNames(header: String, error: SafetensorsError) {
    #expect(throws: error) { try read(file(header)) }
  }

  @Test func headersHaveLimits() {
    #expect(throws: SafetensorsError.truncatedHeader(bytes: 3)) { try read([1, 2, 3]) }
    #expect(throws: SafetensorsError.truncatedHeader(bytes: 9)) { try read([9, 0, 0, 0, 0, 0, 0, 0, 0x7B]) }
    #expect(throws: SafetensorsError.headerTooLarge(bytes: .max, limit: 100_000_000)) {
      try read([UInt8](repeating: 0xFF, count: 64))
    }
  }
}
