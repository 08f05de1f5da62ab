"""First names that are common in Bulgaria and in English mail, and words that stand where names stand but are none."""

from __future__ import annotations

_BULGARIAN = """
александър александра алекс анатолий ангел ангелина анелия ани анита анна антоан антоанета антон аксиния асен атанас
бисер бистра благовест благой богдан богдана богомил божидар бойко боян бояна борис борислав борислава боряна
валентин валентина валери валерия ванеса ваня васил василка велизар велика величка венелин венета вера вероника весела
веселин веселина виктор виктория виолета виолина владимир владислав
гавраил галин галина галя георги гергана гери гинка господин григор
даниел даниела данаил дарина деница десислава деси диана диляна димитър димитрина димитринка димо добрин добромир
донка дора
ева евгени евгения екатерина елена елеонора елица ели елисавета емил емилия емануил
живко жана жени жулиета
захари звездомир здравко зорница златка златко
иван иванка иванина ива ивайло ивелин ивелина ивета иво ивона илиан илиана илия илияна илко инна ирена ирина искра
йоана йордан
йорданка йоанна
калин калина калоян камелия камен катерина катя кирил кирилка кольо константин костадин красимир красимира красен
кристиан
кристина кремена крум лазар лидия лили лилия лиляна лора лъчезар людмил людмила любен любомир любов любка
магдалена максим маргарита марги мариана мариела марина марин мариян марио мария марияна марта мартин мартина милен
милена милко мими мина
мира мирела мирослав мирослава митко митка михаил михаела младен моника
надежда надя наталия наташа невена нели нелина никол никола николай николета николина нина ния огнян
павел павлина панайот пенка пенчо петко петър петьо петя пламен пламена полина преслав преслава
рада радка радко радослав радостин радостина радослава рая ралица райна рени росен росица румен румяна руслан ружа
сашо саша светлин светла светлана светлозар светослав севдалина силвия симеон симона славчо снежана соня софия спас
станимир
станислав станислава стела стелиян стефан стефани стефания стефка стоил стойчо стоян стоянка
таня татяна тео теодор теодора тихомир тодор тодорка тома тони траян трифон
филип филипа хриси христина христо христофор цанко цвета цветан цветанка цветелина цветомир цветомира цонка
явор яна янка янко янислав ясен ясмина юлия юлиан юлияна юри
"""
_LATIN = """
alex alexander alexandra alexandar aleksandar aleksandra anastasia andrea andreas andrew andy angel angela angelina
ani anita ann anna anne anthony antoaneta anton
antonio asen atanas barbara ben benjamin bernd birgit bob bogdan boris borislav boyan boyana brian bruno carl carla
carlos carol caroline catherine
charles charlotte chris christian christina christine christo christopher claire claudia craig dan daniel daniela
danny dave david deborah denitsa dennis
desislava desi diana diane dimitar dimitrina dirk donald donna doris doug dorothy edward elena eleonora elica elitsa
elizabeth ellen emil emilia
emily emma eric erik eva evelyn fiona florian francesca francesco gabriela galina galya gary george georgi gergana
gerald gerhard giovanni giulia gordon graham greg
gregory hans harry heather heidi helen helmut henry hristina hristo ian igor ilian iliana iliya irena irina isabelle
ivan ivanka ivaylo ivelina ivo james jan jane janet jason
jean jeff jennifer jens jeremy jerry jessica jim joan joe joerg johannes john jonathan jordan jose joseph joshua juan
judith julia julian julie jurgen
kalin kalina kaloyan karen karin karl kate katerina katherine kathleen kathy katya keith kelly ken kenneth kevin
kiril klaus konstantin krasimir kristian kristina kyle larry
laura lauren laurent lee linda lisa lilly louise lucas luca luis luke magdalena manfred margaret margarita maria
mariana marie marin marina mario mariya
mariyana mark marta martin martina marco mary matt matthew michael michel michelle miguel mihail mike milen milena
milan miroslav mitko monika mohammed nadia nadya nadezhda nancy
natalia nathan neil nevena nicholas nick nicole nikola nikolai nikolay nikoleta nina oliver olivia olga pamela pascal
patricia patrick paul paula pavel
pedro peter petra petar
petko petya petyo philip pierre plamen polina rachel radka radoslav radostin ralf ralitsa rebecca
renate richard rob robert
robin roger ron ronald rosen rositsa roumen rumen rumyana ruth ryan samantha samuel sandra sandy sara sarah scott
sean sergey sharon silvia silviya simeon simon
simona sofia sonia sonya spas stan stanimir stanislav stefan stefanie stephan stefka stephanie stephen steve steven
stoyan stuart susan susanne svetla svetlana svetoslav sylvia tanya
teodor teodora teresa theodor thomas tihomir tim timothy todor tom tomas tony tracy tsvetan tsvetelina tsvetomir uwe
valentin valentina valeri
vanya vasil ventsislav vera veronika vesela veselin victor victoria viktor viktoria viktoriya violeta vladimir walter
wayne wendy werner william wolfgang yana yavor yordan
yordanka yulia yuliya zdravko zornitsa lin lynn ed hugo leo max matteo paolo sergio roger carlo anders lars erik
bjorn sven ingrid olaf dirk piet jan kees willem henk
rose will bill grant frank jack pat sue ray drew rich guy
"""
FIRST_NAMES = frozenset((_BULGARIAN + _LATIN).split())

_ADDRESSED = """
all anyone everyone everybody team teams support there guys folks colleagues colleague sir madam sirs admin admins
administrator desk service helpdesk
help customer customers friend friends user users community again group staff member members world ladies gentlemen
mozilla microsoft
thunderbird firefox outlook office windows google gmail apple yahoo expert experts moderator moderators volunteer
volunteers agent
колеги колега екип всички всеки господа дами поддръжка поддръжката приятели клиенти клиент клиентка потребители
потребител партньори администратор
администратори отново предварително специалисти дежурен дежурни
"""
_BEGINNINGS = """
ok okay well oh also yeah please note again forgot solved fixed done update edit i i'm im i've we my our your you the
a an it its this that these those there here what when where why how who which if in on at to from for of as
after before since please can could would should do does did is are was were have has had not no yes so and but or
any some just sorry regarding
thanks thank many re fw fwd then now today yesterday tomorrow first one two three following recently currently since
once while with without until using
because both each every most more all another other same such than too very also again every problem issue error
question need using hope best kind regards dear
hello hi hey good morning afternoon day evening sincerely yours cheers
здравей здравейте добър добро ден вечер утро имам имаме имах не ние аз моля моят моята моите нашият нашата нашите от
на за в във със с след преди при
когато ако как кога къде защо кой коя кое какво този тази това тези до по пиша искам искаме може можете можем трябва
проблем проблемът грешка компютърът
лаптопът принтерът пощата получавам получихме получих вчера днес сутринта снощи отново все има няма една един едно
два две три и а но или че да
благодаря поздрави мерси привет уважаеми уважаема работи работя сега вече всичко помогнете пробвах опитах опитвам
спря спира екип отдел склад
"""
_THINGS = """
service desk it support department office team accounting sales warehouse store helpdesk hr security network systems
system administrator engineer manager
specialist director center centre group ltd inc llc gmbh eood ood ad corp company university school bank server mail
desktop monday tuesday wednesday thursday friday
saturday sunday january february march april may june july august september october november december word excel
teams sharepoint onedrive exchange
azure intune defender edge chrome safari adobe zoom skype android iphone ipad mac macos linux ubuntu sap erp crm vpn
wifi bluetooth printer scanner laptop computer
online settings options account accounts server tools file folder files folders inbox sent drafts trash junk spam
profile profiles calendar contacts address book
contact name user customer info information data center version update premium pro home enterprise business basic
advanced standard cloud
отдел служба поддръжка център склад магазин офис счетоводство продажби инженер мениджър специалист директор управител
банка сървър поща
понеделник вторник сряда четвъртък петък събота неделя януари февруари март април май юни юли август септември
октомври ноември декември
еоод оод ад ет софия пловдив варна бургас русе българия европа настройки опции файл папка входящи изпратени календар
контакти адрес
"""
_OF_NEIGHBOURS = """
zusammen leute kollegen kollegin kollege herren damen alle team ihr herr frau support ich wir die der das bitte vorab im
voraus vielen dank schön tag morgen abend
madame monsieur messieurs tous toutes équipe collègues je nous vous pour beaucoup bonjour par avance
ragazzi colleghi tutti signori squadra il la io noi mille anticipatamente buongiorno
iedereen allemaal collega's collega heer mevrouw dames heren team alvast voor de het ik wij
todos todas equipo compañeros señor señora señores amigos por muchas tengo el los
pessoal equipe equipa senhor senhora colegas caros muito
tuturor echipa colegi domnule doamnă
всем коллеги команда у мы за это добрый день господа поддержка
колеги команда панове
państwo panie pan wszystkim zespół
kolegové pane paní
svima kolege
herkese ekip bey hanım
όλους ομάδα κύριε κυρία
saludos saludo saluti cordialement pozdrawiam pozdrav grüße grüßen grüsse gruß groet groeten cumprimentos gracias grazie
merci danke bedankt obrigado děkuji dziękuję cordiali zdraví pacific eastern central time hulpteam chiarimento
möglichkeit
"""
NOT_NAMES = frozenset((_ADDRESSED + _BEGINNINGS + _THINGS + _OF_NEIGHBOURS).split())

_SURNAMES_OF_PRODUCTS = """
bridge proxy metrics db update release build edition editor viewer player studio backup agent client plugin extension
controls deere storz krenn bosch reader scanner driver manager console designer builder framework engine runtime library
language script terminal remote gateway router switch firewall monitor toolkit pack suite app apps web site portal page
airport station hotel street avenue road boulevard patch preview beta alpha james tomcat watson code drop mode view
table
database report module component assistant copilot phone tablet keyboard mouse camera display
"""
NOT_SURNAMES = NOT_NAMES | frozenset(_SURNAMES_OF_PRODUCTS.split())
"""Also what makes a product or a place of a first name: Sandy Bridge, Charles Proxy, Thomas Krenn."""

ALSO_WORDS = frozenset(
    [
        "mark",
        "will",
        "bill",
        "rose",
        "grant",
        "frank",
        "jack",
        "drew",
        "pat",
        "sue",
        "dawn",
        "hope",
        "joy",
        "rich",
        "rob",
        "guy",
        "ray",
        "max",
        "leo",
    ]
)
"""First names that begin a sentence as often as a full name."""
