import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// NumPy wrote the files, in Tests/Reference/formats/make_npy.py.
struct NPYTests {
  private func file(_ name: String) throws -> [UInt8] {
    try FileSystem.read(Repository.path("Tests/Reference/formats/npy/\(name).npy"))
  }

  private let ramp = (0..<24).map { Float($0) - 11.5 }

  @Test(arguments: ["float64_2x3x4", "float64_fortran"])
  func doublesBecomeFloatsInRowMajorOrder(name: String) throws {
    let (shape, elements) = try NPY.readFloats(try file(name))
    #expect(shape == [2, 3, 4])
    #expect(elements == ramp)
  }

  @Test(arguments: ["float32_3x4", "version2"])
  func floats(name: String) throws {
    let (shape, elements) = try NPY.readFloats(try file(name))
    #expect(shape == [3, 4])
    #expect(elements == Array(ramp.prefix(12)))
  }

  @Test func halves() throws {
    let elements = try NPY.readFloats(try file("float16_6")).elements
    #expect(elements == [0, -0.0, 1.5, -65504, 0x1p-24, .infinity])
    #expect(elements[1].sign == .minus)
  }

  @Test func integersAndBooleans() throws {
    #expect(try NPY.readInts(try file("int64_5")).elements == [0, -1, 1 << 40, 7, -(1 << 40)])
    #expect(try NPY.readInts(try file("int32_2x2")).elements == [1, -2, 3, -4])
    #expect(try NPY.readInts(try file("uint8_3")).elements == [0, 128, 255])
    #expect(try NPY.readInts(try file("bool_3")).elements == [1, 0, 1])
    #expect(try NPY.readFloats(try file("int32_2x2")).elements == [1, -2, 3, -4])
    #expect(throws: NPYError.notIntegers("<f4")) { try NPY.readInts(try file("float32_3x4")) }
  }

  private func array(_ name: String, of archive: String) throws -> [UInt8] {
    let bytes = try FileSystem.read(Repository.path("Tests/Reference/formats/features/\(archive).npz"))
    let zip = try ZipArchive(bytes.span)
    return try zip.contents(of: #require(zip[name + ".npy"]), in: bytes.span)
  }

  @Test func everyIntegerBecomesAFloat() throws {
    let folder = Repository.path("Tests/Reference/formats/features")
    let small = try NPY.readFloats(FileSystem.read(folder + "/int16.npy"))
    #expect(small.shape == [4, 3] && small.elements == (0..<12).map { Float($0 - 6) })
    #expect(try NPY.readFloats(FileSystem.read(folder + "/uint64.npy")).elements == [1, 0x1p63])
  }

  @Test func classNamesAreIntegersOrTexts() throws {
    func labels(_ name: String, of archive: String) throws -> [String] {
      let bytes = try array(name, of: archive)
      return try NPY.readLabels(bytes.span).labels
    }
    let plain = try labels("y", of: "plain")
    #expect(plain.count == 60 && Set(plain) == ["0", "1", "2"])
    #expect(try labels("y", of: "floats") == plain && labels("classes", of: "packed") == plain)
    let texts = try labels("who", of: "texts")
    #expect(texts == plain.map { ["ant", "bée", "cat"][Int($0) ?? 0] })
    #expect(try labels("y", of: "bytes") == texts)
    #expect(throws: NPYError.notLabels(type: "|O")) { try labels("y", of: "pickled") }
    #expect(throws: NPYError.fractionalLabel(index: 0, value: 2.5)) { try labels("y", of: "fractions") }
    let cut = try Array(array("who", of: "texts").dropLast(4))
    #expect(throws: NPYError.truncatedData(shape: [60], expectedBytes: 720, actualBytes: 716)) {
      try NPY.readLabels(cut.span)
    }
  }

  @Test func scalarsHaveAnEmptyShape() throws {
    let (shape, elements) = try NPY.readFloats(try file("scalar"))
    #expect(shape == [] && elements == [2.5])
  }

  @Test func bigEndianIsRefusedByName() throws {
    #expect(throws: NPYError.unsupportedType(">f4")) { try NPY.readFloats(try file("bigendian")) }
  }

  @Test func whatIsWrittenReadsBack() throws {
    let bytes = NPY.encode(ramp, shape: [4, 6])
    #expect(bytes.count == 128 + 96)
    let (shape, elements) = try NPY.readFloats(bytes)
    #expect(shape == [4, 6] && elements == ramp)
    #expect(try NPY.readInts(NPY.encode([3, -4], shape: [2])).elements == [3, -4])
  }

  @Test func headersKeepTheirLengthAsRowsGrow() throws {
    for rows in [0, 9, 1_000_000_000, Int.max / 2000] {
      let header = NPYHeader(elementType: .float32, shape: [rows, 1280])
      let bytes = header.encoded()
      #expect(bytes.count == 128)
      #expect(bytes.last == 0x0A)
      let parsed = try NPYHeader.parse(bytes)
      #expect(parsed.header == header && parsed.dataOffset == 128)
    }
    let header = NPYHeader(elementType: .float64, shape: [7], fortranOrder: true)
    #expect(try NPYHeader.parse(header.encoded()).header == header)
  }

  @Test func cutFilesAreRefusedAtEveryLength() throws {
    let whole = try file("float32_3x4")
    for count in 0..<whole.count {
      #expect(throws: NPYError.self) { try NPY.readFloats(Array(whole[..<count])) }
    }
    _ = try NPY.readFloats(whole + [1, 2, 3])
  }

  @Test(arguments: [
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
    "{'descr': '<f4', 'fortran_order': False}",
    "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }",
    "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }",
    "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 'x'}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } x",
    "{'descr': '<O', 'fortran_order': False, 'shape': (1,), }",
    "['descr']", "", "{", "{'", "{'descr': ",
  ])
  func unsoundHeadersAreRefused(dictionary: String) {
    var bytes: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0]
    bytes.append(littleEndian: UInt16(dictionary.utf8.count))
    bytes += dictionary.utf8
    bytes += [0, 0, 0, 0]
    #expect(throws: NPYError.self) { try NPY.readFloats(bytes) }
  }

  @Test func spacingAndOrderOfTheDictionaryDoNotMatter() throws {
    let dictionary = "{ \"shape\" :( 2L ,1, ) ,'fortran_order':False,'descr':'|u1' }  \n"
    var bytes: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 3, 0]
    bytes.append(littleEndian: UInt32(dictionary.utf8.count))
    bytes += dictionary.utf8
    bytes += [5, 6]
    let (shape, elements) = try NPY.readInts(bytes)
    #expect(shape == [2, 1] && elements == [5, 6])
  }
}
