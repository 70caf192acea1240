// Files beside weights that describe images: timm's crop modes, and Hugging Face's image processors.

import TapArchitectures
import TapBackbone
import TapExtraction
import TapFileSystem
import TapProvenance
import TestSupport
import Testing

@Suite struct PreprocessingFileTests {
  /// The preprocessing that a file beside weights gives, or the error's text.
  private static func result(_ file: String, _ text: String) throws -> (Preprocessing?, String) {
    try withTemporaryFolder { folder in
      let path = folder + "/model.pth"
      let parameters = try Architectures.parameters(of: "resnet20_cifar10").map {
        ($0.name, $0.shape.extents)
      }
      try AtomicWriter.replace(path, with: WeightFiles.legacyPickle(parameters))
      try AtomicWriter.replace(folder + "/" + file, with: text)
      do throws(BackboneLoadingError) {
        let loaded = try Backbone.loadWithOrigin(path)
        #expect(loaded.origin == .file(folder + "/" + file))
        return (loaded.backbone.preprocessing, "")
      } catch { return (nil, error.description) }
    }
  }

  /// timm's crop_pct counts for every crop_mode: an image is scaled to side / crop_pct, and its center is cut out.
  @Test func cropModesKeepTheFraction() throws {
    for (mode, fraction, rule) in [
      ("squash", 0.9, Preprocessing.ResizeRule.squashAndCrop), ("squash", 1, .squash),
      ("border", 0.9, .border),
      ("border", 1, .border), ("center", 0.9, .short),
    ] {
      let found = try Self.result(
        "config.json",
        """
        {"architecture": "resnet20", "pretrained_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5],
         "input_size": [3, 64, 64], "crop_pct": \(fraction), "crop_mode": "\(mode)"}}
        """)
      #expect(found.0?.resize == rule && found.0?.cropFraction == fraction, "\(mode) \(fraction) \(found)")
    }
  }

  private static let common = """
    "do_normalize": true, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]
    """

  /// The files are like those published with ResNets, ConvNeXt and MobileNets.
  @Test func imageProcessorsAreRead() throws {
    func found(_ text: String) throws -> Preprocessing? {
      let result = try Self.result("preprocessor_config.json", "{\(text), \(Self.common)}")
      #expect(result.1 == "")
      return result.0
    }
    let resnet = try found(
      """
      "crop_pct": 0.875, "do_resize": true, "feature_extractor_type": "ConvNextFeatureExtractor", "resample": 3, "size": 224
      """)
    #expect(
      resnet
        == Preprocessing(
          size: 224, resize: .short, cropFraction: 0.875, interpolation: .bicubic, scale: 255,
          decoding: resnet?.decoding ?? Decoding()))
    let large = try found(
      """
      "crop_pct": 1.0, "do_resize": true, "do_rescale": true, "rescale_factor": 0.00392156862745098,
      "image_processor_type": "ConvNextImageProcessor", "resample": 3, "size": {"shortest_edge": 384}
      """)
    #expect(large?.resize == .squash && large?.size == 384 && large?.scale == 255)
    let mobile = try found(
      """
      "crop_size": {"height": 224, "width": 224}, "do_center_crop": true, "do_rescale": true, "do_resize": true,
      "image_processor_type": "MobileNetV2ImageProcessor", "resample": 2, "rescale_factor": 0.00392156862745098,
      "size": {"shortest_edge": 256}
      """)
    #expect(mobile?.resize == .short && mobile?.size == 224 && mobile?.cropFraction == 0.875)
    let plain = try found(
      """
      "do_resize": true, "do_center_crop": false, "image_processor_type": "ViTImageProcessor", "resample": 2,
      "do_rescale": true, "rescale_factor": 0.5, "size": {"height": 96, "width": 96}
      """)
    #expect(plain?.resize == .squash && plain?.size == 96 && plain?.scale == 2)
    let flipped = try found(
      """
      "do_resize": true, "do_center_crop": true, "crop_size": 90, "image_processor_type": "MobileViTImageProcessor",
      "resample": 1, "do_rescale": false, "size": {"height": 100, "width": 100}, "do_flip_channel_order": true
      """)
    #expect(flipped?.resize == .squashAndCrop && flipped?.scale == 1 && flipped?.channels == .bgr)
    #expect(flipped?.interpolation == .lanczos)
  }

  /// The crop's side divided by the crop fraction, rounded down, is the processor's side, whatever the two sides are.
  @Test func everySideIsMet() throws {
    for (side, crop) in [
      (256, 224), (255, 224), (293, 224), (97, 96), (500, 299), (1000, 999), (343, 333), (57, 49),
    ] {
      let found = try Self.result(
        "preprocessor_config.json",
        "{\"size\": {\"shortest_edge\": \(side)}, \"crop_size\": \(crop), \"resample\": 2, \(Self.common)}"
      ).0
      let fraction = try #require(found?.cropFraction)
      #expect(Int((Double(crop) / fraction).rounded(.down)) == side)
    }
  }

  /// The error names a field that is not supported.
  @Test func otherStepsAreRefusedByName() throws {
    for (field, text) in [
      ("resample", "\"size\": 224, \"resample\": 0"),
      ("resample", "\"size\": 224"),
      ("do_pad", "\"size\": 224, \"resample\": 2, \"do_pad\": true"),
      ("do_resize", "\"size\": 224, \"resample\": 2, \"do_resize\": false"),
      ("do_resize", "\"size\": 224, \"resample\": 2, \"do_resize\": \"yes\""),
      ("include_top", "\"size\": 224, \"resample\": 2, \"include_top\": true"),
      ("rescale_offset", "\"size\": 224, \"resample\": 2, \"rescale_offset\": true"),
      ("size", "\"size\": {\"height\": 224, \"width\": 200}, \"resample\": 2"),
      ("size", "\"size\": {\"shortest_edge\": 224, \"longest_edge\": 300}, \"resample\": 2"),
      ("do_center_crop", "\"size\": {\"shortest_edge\": 224}, \"resample\": 2"),
      ("crop_size", "\"size\": 224, \"crop_size\": 256, \"resample\": 2"),
      ("rescale_factor", "\"size\": {\"height\": 9, \"width\": 9}, \"resample\": 2, \"rescale_factor\": 0"),
      (
        "image_processor_type",
        "\"size\": 224, \"resample\": 2, \"image_processor_type\": \"LevitImageProcessor\""
      ),
    ] {
      let found = try Self.result("preprocessor_config.json", "{\(text), \(Self.common)}")
      #expect(found.0 == nil && found.1.contains("field \"\(field)\""), "\(text): \(found)")
    }
    let found = try Self.result(
      "preprocessor_config.json", "{\"size\": {\"height\": 9, \"width\": 9}, \"resample\": 2}")
    #expect(found.1.contains("image_mean"))
  }
}
