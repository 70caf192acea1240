// The words in identities, stores and models must stay the same, even if cases of Swift types get other names.

import TapProvenance
import Testing

@Suite struct PersistedWordsTests {
  @Test func algorithms() {
    #expect(ConvolutionAlgorithm.direct.rawValue == "direct")
    #expect(ConvolutionAlgorithm.depthwise.rawValue == "depthwise")
    #expect(ConvolutionAlgorithm.winograd.rawValue == "winograd")
    #expect(ConvolutionAlgorithm.allCases.count == 3)
  }

  @Test func poolings() {
    let names = (Pooling.selectable + [.none]).map { Column(tap: "t", pooling: $0).json.canonical }
    #expect(
      names == [
        #"{"pooling":"avg","tap":"t"}"#, #"{"pooling":"max","tap":"t"}"#, #"{"pooling":"avgmax","tap":"t"}"#,
        #"{"parameters":{"epsilon":1e-06,"p":3.0},"pooling":"gem","tap":"t"}"#,
        #"{"pooling":"flatten","tap":"t"}"#, #"{"pooling":"none","tap":"t"}"#,
      ])
    #expect(Column(tap: "blocks.4", pooling: .avg).name == "blocks.4-avg")
    #expect(Column(tap: "avgpool", pooling: .none).name == "avgpool")
  }

  /// Every optional field is covered. One field is changed at a time.
  @Test func preprocessing() {
    func text(_ change: (inout Preprocessing) -> Void) -> String {
      var preprocessing = Preprocessing(
        size: 8, cropFraction: 0.1, scale: 1, mean: [0, 1e-7, -1], standardDeviation: [1, 2, 1e20],
        decoding: Decoding(alpha: .drop))
      change(&preprocessing)
      return preprocessing.json.canonical
    }
    func expected(
      _ extra: String = "", channels: String = "rgb", decode: String = "exact",
      interpolation: String = "bilinear", orientation: String = "", resize: String = "short",
      truncated: String = ""
    ) -> String {
      #"{\#(extra)"channels":"\#(channels)","cropFraction":0.1,"decode":"\#(decode)","#
        + #""interpolation":"\#(interpolation)","mean":[0.0,1e-07,-1.0],\#(orientation)"resize":"\#(resize)","#
        + #""scale":1.0,"size":8,"standardDeviation":[1.0,2.0,1e+20]\#(truncated)}"#
    }
    #expect(text { _ in } == expected())
    #expect(text { $0.resize = .squash } == expected(resize: "squash"))
    #expect(text { $0.resize = .pad } == expected(resize: "pad"))
    #expect(text { $0.resize = .squashAndCrop } == expected(resize: "squash-crop"))
    #expect(text { $0.resize = .border } == expected(resize: "border"))
    #expect(text { $0.interpolation = .box } == expected(interpolation: "box"))
    #expect(text { $0.interpolation = .hamming } == expected(interpolation: "hamming"))
    #expect(text { $0.interpolation = .bicubic } == expected(interpolation: "bicubic"))
    #expect(text { $0.interpolation = .lanczos } == expected(interpolation: "lanczos"))
    #expect(text { $0.channels = .bgr } == expected(channels: "bgr"))
    #expect(text { $0.decoding.mode = .fast } == expected(decode: "fast"))
    #expect(
      text { $0.decoding.orientation = .ignore } == expected(orientation: #""orientation":"ignore","#))
    #expect(text { $0.decoding.alpha = .white } == expected(#""alpha":"white","#))
    #expect(text { $0.decoding.alpha = .black } == expected(#""alpha":"black","#))
    #expect(text { $0.decoding.allowsTruncated = true } == expected(truncated: #","truncated":"allowed""#))
    #expect(Decoding.OrientationRule.exif.rawValue == "exif" && Decoding.AlphaRule.drop.rawValue == "drop")
    #expect(Preprocessing.ResizeRule.allCases.count == 5 && Preprocessing.Interpolation.allCases.count == 5)
    #expect(Preprocessing.ChannelOrder.allCases.count == 2 && Decoding.Mode.allCases.count == 2)
    #expect(Decoding.OrientationRule.allCases.count == 2 && Decoding.AlphaRule.allCases.count == 3)
  }
}
