// Tests of `layertap doctor` on the repository's photographs, on labeled data sets, with a Caffe network, and without
// any images.

import TapFileSystem
import TapFormats
import TestSupport
import Testing

@Suite struct DoctorTests {
  static let photos = Repository.path("data/photos")

  static func examine(_ arguments: [String], environment: [String: String?] = [:]) throws -> JSONValue {
    let run = try Tool.run(["doctor", "--format", "json"] + arguments, environment: environment)
    try #require(run.status == 0, "\(run.errors)")
    return try JSONValue.parse(run.output)
  }

  static func findings(_ examination: JSONValue) throws -> [String: JSONValue] {
    let columns = try #require(examination["columns"]?.arrayValue)
    let findings = try #require(columns.first?["findings"]?.arrayValue)
    return Dictionary(uniqueKeysWithValues: findings.map { ($0["options"]?.stringValue ?? "", $0) })
  }

  /// The name of a change consists of options. A run with these options makes the change.
  @Test(.needs(.lite0)) func optionsMakeTheChange() throws {
    let cat = Self.photos + "/cat.jpg"
    let findings = try Self.findings(Self.examine([cat]))
    #expect(findings.count == 13)
    for (options, finding) in findings {
      let changed = try Self.examine([cat] + options.split(separator: " ").map(String.init))
      #expect(changed["preprocessing"] == finding["preprocessing"], "\(options)")
      #expect(try !Self.findings(changed).keys.contains(options))
    }
  }

  @Test(.needs(.lite0)) func photographsWithoutLabels() throws {
    let run = try Tool.run(["doctor", Self.photos])
    #expect(run.status == 0 && run.errors.isEmpty)
    #expect(
      run.output.hasPrefix("efficientnet_lite0 now: short side to 256, central crop, bicubic; / 1, mean 127"))
    #expect(run.output.contains("\n10 of 10 images\n"))
    // One of the ten images is rotated.
    #expect(
      run.output.contains("--orientation ignore: moves features by 0.")
        && run.output.contains(" in the only image that it touches\n"))
    #expect(run.output.contains("With labels"))
    let findings = try Self.findings(Self.examine([Self.photos, "--layers", "blocks.4", "--pool", "max"]))
    // timm's statistics for these weights hardly move the features. Caffe's statistics move them far.
    let near = findings["--scale 255 --mean 0.5,0.5,0.5 --std 0.5,0.5,0.5"]?["movement"]?["median"]
    let far = findings["--scale 1 --mean 123.68,116.779,103.939 --std 1,1,1"]?["movement"]?["median"]
    #expect((near?.doubleValue ?? 1) < 0.03 && (far?.doubleValue ?? 0) > 0.3)
  }

  @Test(.needs(.data("images/clothing"), .lite0)) func photographsWithLabels() throws {
    let clothing = try TestData.path("images/clothing")
    let examination = try Self.examine([clothing, "--limit", "60", "--seed", "1"])
    #expect(examination["testImages"]?.intValue == 372 && examination["images"]?.arrayValue?.count == 60)
    #expect(
      examination["images"]?.arrayValue?.contains { $0.stringValue?.hasPrefix("test/") ?? true } == false)
    #expect(examination["classes"]?["drawn"]?.intValue == 6)
    let accuracy = try #require(examination["columns"]?.arrayValue?.first?["accuracy"])
    #expect(accuracy["count"]?.intValue == 60 && (accuracy["share"]?.doubleValue ?? 0) > 0.6)
    let findings = try Self.findings(examination)
    let divided = try #require(findings["--scale 255"])
    #expect((divided["testedOnIt"]?["points"]?.doubleValue ?? 0) < -30)
    #expect((divided["testedOnIt"]?["pValue"]?.doubleValue ?? 1) < 0.001)
    #expect(divided["trainedOnItToo"]?["accuracy"]?["count"]?.intValue == 60)
  }

  /// SqueezeNet's ONNX file needs BGR values from 0 to 255, minus the mean. RGB costs accuracy. ImageNet's statistics
  /// cost almost all accuracy.
  @Test(.needs(.data("weights/SqueezeNet_fp16.onnx"), .data("images/caltech"))) func aNetworkOfTheCaffeEra()
    throws
  {
    let weights = try TestData.path("weights/SqueezeNet_fp16.onnx")
    let caltech = try TestData.path("images/caltech")
    let examination = try Self.examine([
      caltech, "--backbone", weights, "--layers", "fire9/concat_2", "--limit", "100",
    ])
    #expect(examination["preprocessing"]?["channels"]?.stringValue == "bgr")
    let findings = try Self.findings(examination)
    let swapped = try #require(findings["--channels rgb"]?["movement"]?["median"]?.doubleValue)
    #expect(swapped > 0.2 && swapped < 1)
    let statistics = try #require(
      findings["--scale 255 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225"])
    #expect((statistics["testedOnIt"]?["points"]?.doubleValue ?? 0) < -40)
    #expect((findings["--alpha drop"]?["touched"]?.intValue ?? 1) == 0)
  }

  @Test func nothingToExamine() throws {
    try withTemporaryFolder { folder in
      let empty = try Tool.run(["doctor", folder])
      #expect(empty.status == 65 && empty.errors.hasPrefix("Error: no JPEG or PNG images in \(folder)"))
      #expect(try Tool.run(["doctor"]).status == 64)
    }
  }

  @Test(.needs(.lite0)) func imagesThatAreNoneAreNamed() throws {
    try withTemporaryFolder { folder in
      try AtomicWriter.replace(folder + "/a.jpg", with: "no image")
      let broken = try Tool.run(["doctor", folder])
      #expect(broken.status == 65 && broken.output.isEmpty)
      #expect(broken.errors.contains("a.jpg: not an image") && broken.errors.contains("the only image"))
      try AtomicWriter.replace(folder + "/b.jpg", with: FileSystem.read(Self.photos + "/cat.jpg"))
      let half = try Tool.run(["doctor", folder])
      #expect(half.status == 0 && half.output.contains("\n1 of 2 images\n"))
      #expect(half.errors.contains("a.jpg: not an image"))
    }
  }
}
