import pytest

from kbsearch.ranking.products import other_products


@pytest.mark.parametrize(
    ("asked", "text", "written_for", "named"),
    [
        (["macOS 14"], "", ["Windows 11", "Windows 10"], [("Windows",)]),
        (["Windows 11"], "", ["Windows 10"], []),
        ([], "Outlook on my MacBook", ["Windows 11", "Outlook 2021"], [("Windows",)]),
        ([], "Mail comes to my iPhone but not to Outlook", ["Windows 11"], []),
        (["Ubuntu 24.04"], "", ["Windows 11", "Linux"], []),
        (["iPhone 15"], "", ["Android"], [("Android",)]),
        (["iOS 18"], "", ["Android"], [("Android",)]),
        (["Firefox"], "", ["Chrome", "Edge"], [("Chrome", "Edge")]),
        (["Thunderbird 128"], "", ["Outlook 2021", "Windows 11"], [("Outlook",)]),
        (["HP M404"], "", ["Windows 11"], []),
    ],
)
def test_what_was_written_for_another_product_is_named(asked, text, written_for, named):
    assert list(other_products(asked, text, written_for)) == named
