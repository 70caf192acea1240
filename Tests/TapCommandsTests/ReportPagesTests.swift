import FoundationEssentials
import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// A browser opens the reports that the built tool writes. They make no requests, write no console errors and do not
/// overflow, light or dark, wide or narrow.
@Suite(.serialized) struct ReportPagesTests {
  /// The browser reports the errors of a bad page. If it did not, the other tests would prove nothing.
  @Test(.needs(.browser)) func theBrowserSeesErrorsRequestsAndCollisions() throws {
    try withTemporaryFolder { folder in
      let page = """
        <!DOCTYPE html><title>bad</title><body><img src="http://outside.example/x.png">
        <div style="width: 3000px">wide</div><svg class="chart" width="200" height="50"><text x="10" y="20">one</text>
        <text x="15" y="22">two</text><text x="190" y="22">beyond</text></svg>
        <script>console.error("heard")</script>
        """
      try BadInputTests.write(page, to: folder + "/bad page.html")
      let visit = try Browser.visit(folder + "/bad page.html")
      #expect(visit.console.contains { $0.contains("heard") })
      #expect(Set(visit.requests) == ["http://outside.example/x.png"])
      #expect(visit.layouts.map(\.title) == ["bad", "bad"] && visit.layouts.map(\.width) == [400, 1100])
      #expect(visit.layouts.allSatisfy { $0.contentWidth >= 3000 && $0.brokenImages == 1 })
      #expect(visit.layouts[0].collisions == ["one / two", "outside: beyond"])
    }
  }

  private func expectGood(
    _ file: String, title: String, charts: Int, images: ClosedRange<Int>,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for isDark in [false, true] {
      let visit = try Browser.visit(file, isDark: isDark)
      #expect(visit.console.isEmpty, sourceLocation: sourceLocation)
      #expect(visit.requests.isEmpty, sourceLocation: sourceLocation)
      #expect(visit.layouts.count == 2, sourceLocation: sourceLocation)
      for layout in visit.layouts {
        #expect(layout.title == title, sourceLocation: sourceLocation)
        #expect(layout.contentWidth <= layout.width, "it scrolls sideways", sourceLocation: sourceLocation)
        #expect(layout.charts == charts, sourceLocation: sourceLocation)
        #expect(layout.collisions == [], sourceLocation: sourceLocation)
        #expect(
          layout.brokenImages == 0 && images.contains(layout.images), sourceLocation: sourceLocation)
        let contrast = layout.backgroundBrightness - layout.textBrightness
        #expect((isDark ? -contrast : contrast) > 150, sourceLocation: sourceLocation)
      }
    }
  }

  /// Writes folders of generated images, one folder for each class.
  private func makePhotos(_ classes: [String], count: Int, in folder: String) throws {
    for (index, name) in classes.enumerated() {
      for number in 0..<count {
        let path = "\(folder)/\(name)/\(number).png"
        try FileSystem.createDirectories(FileSystem.parent(of: path))
        try AtomicWriter.replace(path, with: generatedPNG(width: 24, height: 16, seed: 1000 * index + number))
      }
    }
  }

  @Test(.needs(.lite0, .browser)) func reportsOfTrainingAndEvaluation() throws {
    try withTemporaryFolder { folder in
      let digits = Repository.path("data/digits/test")
      let train = try Tool.run(
        [
          "train", digits, "--layers", "all", "--pool", "avg", "max", "--size", "32", "--resize", "squash",
          "--test-fraction", "0.5",
          "--report", "pages/train report.html", "--output", "m.layertap",
        ], in: folder)
      #expect(
        train.status == 0 && train.errors.contains("report: pages/train report.html"), "\(train.errors)")
      try expectGood(
        folder + "/pages/train report.html", title: "m.layertap, trained on \(digits)", charts: 2,
        images: 1...24)
      let page = String(decoding: try FileSystem.read(folder + "/pages/train report.html"), as: UTF8.self)
      #expect(page.contains("<span>--report</span> <span>&#39;pages/train report.html&#39;</span>"))
      let firstLine = try #require(train.output.split(separator: "\n").first { $0.hasPrefix("accuracy ") })
      #expect(page.contains("<p class=\"lead\">\(firstLine.replacing(" %", with: "&nbsp;%"))</p>"))

      // Without a test part, the page shows the confusion matrix of the cross-validation, and no images.
      let estimated = try Tool.run(
        [
          "train", "layertap-store", "--layers", "blocks.4", "--report", "cv.html", "--output", "cv.layertap",
        ],
        in: folder)
      #expect(estimated.status == 0, "\(estimated.errors)")
      try expectGood(
        folder + "/cv.html", title: "cv.layertap, trained on layertap-store", charts: 1, images: 0...0)
      let estimate = String(decoding: try FileSystem.read(folder + "/cv.html"), as: UTF8.self)
      #expect(estimate.contains("Confusion matrix (cross-validation, not a test)"))

      // The evaluation uses the store's columns, not the folder. The store has the images' paths.
      let evaluate = try Tool.run(
        ["evaluate", "m.layertap", "layertap-store", "--top", "3", "--report", "evaluate.html"], in: folder)
      #expect(evaluate.status == 0, "\(evaluate.errors)")
      let evaluated = String(decoding: try FileSystem.read(folder + "/evaluate.html"), as: UTF8.self)
      #expect(evaluated.contains("<td>top-3 accuracy</td>"))
      let hash = SHA256.hash(try FileSystem.read(folder + "/m.layertap")).hex
      for text in [page, evaluated] { #expect(text.contains("<dt>model file</dt><dd>SHA-256 \(hash)</dd>")) }
      try expectGood(
        folder + "/evaluate.html", title: "m.layertap on layertap-store", charts: 1, images: 1...24)
    }
  }

  @Test(.needs(.lite0, .browser)) func hostileNamesOfTwoClasses() throws {
    try withTemporaryFolder { folder in
      let names = [
        "<script>console.error(1)<script>\"'&\n\u{202E}evil",
        String(repeating: "a-very-long-name-", count: 12) + "<img src=x onerror=console.error(2)>",
      ]
      try makePhotos(names, count: 12, in: folder + "/p h'o<b>tos")
      let train = try Tool.run(
        [
          "train", "p h'o<b>tos", "--layers", "stem", "blocks.0", "--size", "32", "--test-fraction", "0.5",
          "--report", "r.html", "--output", "m.layertap",
        ], in: folder)
      #expect(train.status == 0, "\(train.errors)")
      try expectGood(
        folder + "/r.html", title: "m.layertap, trained on p h'o<b>tos", charts: 2, images: 0...12)
      let page = String(decoding: try FileSystem.read(folder + "/r.html"), as: UTF8.self)
      #expect(!page.contains("<script") && !page.contains("<img src=x"))
      #expect(page.contains("<span>&#39;p h&#39;\\&#39;&#39;o&lt;b&gt;tos&#39;</span>"))

      // A missing or changed image leaves its place empty, and is no error.
      for name in names {
        let classFolder = folder + "/p h'o<b>tos/" + name
        for file in try FileSystem.list(classFolder) {
          try AtomicWriter.replace(classFolder + "/" + file, with: "gone")
        }
      }
      let evaluate = try Tool.run(
        ["evaluate", "m.layertap", "layertap-store", "--report", "changed.html"], in: folder)
      #expect(evaluate.status == 0, "\(evaluate.errors)")
      try expectGood(
        folder + "/changed.html", title: "m.layertap on layertap-store", charts: 1, images: 0...0)
      let changed = String(decoding: try FileSystem.read(folder + "/changed.html"), as: UTF8.self)
      #expect(changed.contains("the file has changed since") || changed.contains("There is not one mistake."))
    }
  }

  @Test(.needs(.lite0, .browser)) func aHundredAndOneClasses() throws {
    try withTemporaryFolder { folder in
      let names = (0..<101).map {
        "class \($0)" + ($0 % 5 == 0 ? " " + String(repeating: "long ", count: 15) : "")
      }
      try makePhotos(names, count: 4, in: folder + "/photos")
      let train = try Tool.run(
        [
          "train", "photos", "--layers", "stem", "--size", "32", "--test-fraction", "0.5", "--c", "0.01",
          "--classifier", "svm",
          "--report", "r.html", "--output", "m.layertap",
        ], in: folder)
      #expect(train.status == 0, "\(train.errors)")
      try expectGood(folder + "/r.html", title: "m.layertap, trained on photos", charts: 0, images: 24...24)
      let page = String(decoding: try FileSystem.read(folder + "/r.html"), as: UTF8.self)
      #expect(page.contains("gave the largest margin") && page.contains("<em>margin "))
      #expect(!page.contains("probability"))
    }
  }

  @Test(.needs(.lite0, .browser)) func theReportOfAPipeline() throws {
    try withTemporaryFolder { folder in
      let pipeline = """
        { images: "\(Repository.path("data/surfaces"))", size: 32, resize: "squash", layers: ["stem", "blocks.2", "head"],
          c: 0.1, store: "store", baselines: { pixels: { size: 8 }, random: { seed: 1 } }, report: "out/it.html" }
        """
      try BadInputTests.write(pipeline, to: folder + "/it.json5")
      let run = try Tool.run(["run", "it.json5"], in: folder)
      #expect(run.status == 0, "\(run.errors)")
      try expectGood(folder + "/out/it.html", title: "it", charts: 1, images: 1...24)
    }
  }

  /// The report compares several layers, poolings and classifiers, and has a learning curve.
  @Test(.needs(.lite0, .browser)) func theReportOfAComparison() throws {
    try withTemporaryFolder { folder in
      try makePhotos(["one", "two", "three"], count: 9, in: folder + "/photos")
      let run = try Tool.run(
        [
          "compare", "photos", "--layers", "stem", "blocks.1", "blocks.3", "--pool", "avg", "max",
          "--classifier",
          "logistic", "svm", "--size", "32", "--test-fraction", "0.3", "--folds", "3", "--learning-curve",
          "--draws", "2",
          "--report", "report.html",
        ], in: folder)
      #expect(run.status == 0, "\(run.errors)")
      // The three charts show the accuracy by depth, by the number of images of each class, and by C.
      try expectGood(
        folder + "/report.html", title: "Layers of efficientnet_lite0 on photos", charts: 3, images: 0...9)
    }
  }

  @Test func placesThatCannotHoldAReportAreRefusedFirst() throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(
        "{ images: \"nowhere\", layers: \"stem\", report: \"it.json5/r.html\" }", to: folder + "/it.json5")
      for arguments in [
        ["train", "nowhere", "--output", "m", "--report", "."],
        ["evaluate", "nowhere", "nowhere", "--report", "."],
        ["train", "nowhere", "--output", "it.json5/m"],
        ["evaluate", "nowhere", "nowhere", "--predictions", "it.json5/p.csv"], ["run", "it.json5"],
      ] {
        let outcome = try Tool.run(arguments, in: folder)
        #expect(outcome.status == 73 && outcome.output.isEmpty)
        let isFolder = outcome.errors.contains(". is a folder: name a file in it")
        #expect(
          isFolder || outcome.errors.contains("a file lies where a folder is expected"), "\(outcome.errors)")
      }
      #expect(try FileSystem.list(folder) == ["it.json5"])
    }
  }
}
