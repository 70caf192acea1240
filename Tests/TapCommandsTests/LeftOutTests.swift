import TestSupport
import Testing

/// `train` and `compare` report once, with a count, which parts they left out. If they left out nothing, they report
/// nothing.
@Suite struct LeftOutTests {
  private func table(_ row: (Int) -> String, header: String) -> String {
    "label,a,b\(header)\n"
      + (0..<60).map { "\($0 % 3),\($0 % 3 * 2 + $0 * 7 % 5),\($0 * 3 % 7)\(row($0))\n" }.joined()
  }

  @Test func weightlessRowsAndTinyColumnsAreCounted() throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(table({ _ in "" }, header: ""), to: folder + "/plain.csv")
      try BadInputTests.write(
        table({ ",\($0 % 5)e-40,\($0 * 7 % 4)e-42" }, header: ",c,d"), to: folder + "/tiny.csv")
      try BadInputTests.write(
        table({ ",\($0 % 20 == 3 ? 0 : 1)" }, header: ",weight"), to: folder + "/weightless.csv")
      let tiny =
        "2 columns vary by less than about 3e-39, too little for single precision, and count as constant; multiply the "
        + "values if they mean something."
      let weightless = "3 images have weight 0 and are left out, as if they were not there."
      for command in [["train", "--output", "m.layertap"], ["compare"]] {
        for (file, line) in [("plain", ""), ("tiny", tiny), ("weightless", weightless)] {
          let outcome = try Tool.run(command + ["--c", "1", file + ".csv"], in: folder)
          #expect(outcome.status == 0, "\(outcome.errors)")
          let text = (outcome.output + outcome.errors).split(whereSeparator: \.isWhitespace).joined(
            separator: " ")
          for said in [tiny, weightless] {
            #expect(text.ranges(of: said).count == (said == line ? 1 : 0), "\(command), \(file): \(text)")
          }
        }
      }
    }
  }
}
