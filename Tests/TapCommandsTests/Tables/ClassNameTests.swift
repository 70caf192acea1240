import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// Names of classes that are not UTF-8 are refused in every format. With replacement characters, `caf\\xe8` and
/// `caf\\xe9` would be one class.
@Suite struct ClassNameTests {
  private static let names: [[UInt8]] = [
    [UInt8(ascii: "a")], Array("caf".utf8) + [0xE8], Array("caf".utf8) + [0xE9],
  ]

  @Test(.needs(.numPy)) func bytesThatAreNoTextAreRefused() throws {
    try withTemporaryFolder { folder in
      let elements = (0..<24).map { Float($0 * $0 % 7) }
      try AtomicWriter.replace(folder + "/X.npy", with: NPY.encode(elements, shape: [12, 2]))
      let script = """
        import numpy as np
        y = np.array([b'a', b'caf\\xe8', b'caf\\xe9'])[np.arange(12) % 3]
        np.savez('x.npz', X=np.load('X.npy'), y=y)
        """
      var cases = [(name: String, problem: String)]()
      let made = try Python.run(script, [], in: folder)
      #expect(made.status == 0, "\(made.errors)")
      cases.append(
        (
          "x.npz",
          "array 'y': the label of row 1 is not valid UTF-8: save the labels as text, np.char.decode(y, 'latin1') or whatever they are in"
        ))
      var (table, sparse) = (Array("f,g,label\n".utf8), [UInt8]())
      for row in 0..<12 {
        table += Array("\(row * row % 7),1,".utf8) + Self.names[row % 3] + [0x0A]
        sparse += Self.names[row % 3] + Array(" 1:\(row + 1) 2:2\n".utf8)
      }
      try AtomicWriter.replace(folder + "/x.csv", with: table)
      try AtomicWriter.replace(folder + "/x.svm", with: sparse)
      cases += [
        ("x.csv", "line 3: the text is not valid UTF-8"), ("x.svm", "line 2: the text is not valid UTF-8"),
      ]
      for (name, problem) in cases {
        let outcome = try Tool.run(["train", name, "--c", "1"], in: folder)
        #expect(outcome.status == 65 && outcome.errors == "Error: \(name): \(problem)\n", "\(outcome)")
      }
    }
  }
}
