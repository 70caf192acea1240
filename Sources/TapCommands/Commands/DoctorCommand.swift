// `layertap doctor`: examines whether the preprocessing is right, and how much the preprocessing changes the accuracy.

import LayerTap
import TapReports
import TapText

extension Command {
  private static let limit = Parameter<Int>.option(
    "limit", .integer(atLeast: 1), valueName: "n", default: 200,
    topic: .data, isCommon: true,
    help: "Examine at most n images, drawn evenly over the classes with the seed.")

  private static let format = Options.format(["text", "json"])

  package static let doctor = Command(
    "doctor", overview: "Say how much a backbone's preprocessing matters on given images.",
    discussion: """
      Weights know images as they were prepared in training, and a model disagrees with its trainer where \
      it gets them otherwise. The images are run as now, and with one plausible change at a time: another \
      filter, resize rule or crop, channels swapped, other statistics, pixels divided or not, orientation \
      ignored, fast decoding, transparency dropped. Each change is named by the option that makes it.

      For each it says how far features move and, where images have labels, how many points a model trained \
      as now would lose on images prepared so, and how good it is if trained on such images too. \
      Accuracies are cross-validated; images of a test split are not looked at. Nothing is stored.

        layertap doctor photos
        layertap doctor photos --backbone mine.onnx --mean 0,0,0 --std 1,1,1
      """,
    parameters: [
      ImageArguments.images.declaration
    ] + Options.features.declarations + [
      ImageArguments.labels.declaration, limit.declaration,
    ] + Options.lists.declarations + Options.seed.declarations + [
      format.declaration, Options.threads.declaration, Options.instructionSet.declaration,
    ] + Options.preprocessing.declarations
  ) { arguments, console in
    let list = try ImageArguments.list(arguments, console)
    try ExtractionTask.warn(of: list, console)
    let asked = try Options.features.value(arguments).columns
    let backbone = try Options.loadBackbone(arguments, console, for: asked)
    var doctor = PreprocessingDoctor(backbone, columns: try backbone.columns(asked))
    doctor.limit = arguments[limit]
    doctor.seed = try Options.seed.value(arguments).seed
    doctor.threads = arguments[Options.threads]
    doctor.instructionSet = arguments[Options.instructionSet] ?? .best
    let line = ProgressLine("examining", unit: "images", console: console)
    let examination = try doctor.examine(list) { line.update($0, of: $1) }
    line.finish()
    let unreadable = examination.unreadable
    if !unreadable.isEmpty {
      try console.warn(
        "\(NumberText.grouped(unreadable.count)) images could not be read and are left out",
        details: unreadable.map { "\($0.path): \($0.reason)" })
    }
    guard !examination.images.isEmpty else {
      throw CommandError.noneReadable(count: examination.unreadable.count)
    }
    console.print(
      arguments[format] == "json"
        ? examination.json(warnings: console.warnings).pretty : examination.text)
  }
}
